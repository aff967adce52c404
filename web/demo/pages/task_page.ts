import type { Prediction } from "../../src/index.js";
import type { Session } from "../session.js";
import { correctionsText } from "../tasks/history.js";
import {
  countOpen,
  type Filter,
  listTasks,
  matches,
  shortened,
  type StoredTask,
} from "../tasks/task.js";
import { byId } from "../view/dom.js";
import { FilterList, type FilterRow } from "../view/filter_list.js";
import { type Edited, TaskEditor } from "../view/task_editor.js";
import { type TaskCategory, TaskList } from "../view/task_list.js";
import type { Toast } from "../view/toast.js";
import { Hints } from "./hints.js";

const NO_CATEGORY = "No category";

/** The list of tasks: filter, change, correct, delete. */
export class TaskPage {
  readonly editor: TaskEditor;
  readonly #session: Session;
  readonly #toast: Toast;
  readonly #hints: Hints;
  readonly #heading = byId("tasks-heading", HTMLElement);
  readonly #learnt = byId("learnt", HTMLAnchorElement);
  readonly #empty = byId("task-empty", HTMLElement);
  readonly #done = byId("done", HTMLDetailsElement);
  readonly #doneCount = byId("done-count", HTMLElement);
  readonly #filters = new FilterList((filter) => {
    this.#filter = filter;
    this.#render();
  });
  readonly #lists: { open: TaskList; done: TaskList };
  #filter: Filter = { kind: "all" };

  constructor(session: Session, toast: Toast) {
    this.#session = session;
    this.#toast = toast;
    this.#hints = new Hints(session, toast);
    this.editor = new TaskEditor({
      onSave: (task, edited) => void this.#change(task, edited),
      onDelete: (task) => void this.#delete(task),
    });
    const handlers = {
      onDone: (id: string, done: boolean): void => {
        const task = session.task(id);
        if (task !== undefined) this.#tick(task, done);
      },
      onOpen: (id: string, part: "title" | "category"): void => {
        const task = session.task(id);
        if (task !== undefined) this.editor.open(task, session.resolve(task.categoryId), part);
      },
    };
    this.#lists = {
      open: new TaskList(byId("task-list", HTMLUListElement), handlers),
      done: new TaskList(byId("done-list", HTMLUListElement), handlers),
    };
    session.onChange(() => {
      this.#render();
    });
    this.#render();
  }

  async add(task: StoredTask, shown: Prediction | null): Promise<void> {
    // A new task is always seen, whatever was filtered.
    if (!matches(task, this.#filter, this.#session.resolve)) this.#filter = { kind: "all" };
    await this.#session.save(task);
    const answer = shown ?? undefined;
    if (task.categoryId === null) {
      if (task.chosenBy === "manual") await this.#session.teach(task, "rejected", answer);
      return;
    }
    const isOwnChoice = task.chosenBy === "manual";
    await this.#session.teach(task, isOwnChoice ? "changed" : "accepted", answer);
    if (!isOwnChoice) return;
    this.#sayLearnt(task, { ...task, categoryId: null, chosenBy: "none" });
    await this.#hints.look(task);
  }

  /** Done ones are out of sight, so the way back stands beside. */
  #tick(task: StoredTask, done: boolean): void {
    void this.#session.save({ ...task, done });
    if (!done) return;
    this.#toast.show(`Done: “${shortened(task.title)}”.`, {
      label: "Undo",
      run: () => void this.#session.save({ ...task, done: false }),
    });
  }

  #sayLearnt({ categoryId }: StoredTask, before: StoredTask): void {
    if (categoryId === null || this.#session.synch === null) return;
    const name = this.#session.nameOf(categoryId);
    const soFar = `${correctionsText(this.#session.steps)} so far`;
    this.#toast.show(`Learnt: this is ${name}. ${soFar}.`, {
      label: "Undo",
      run: () => void this.#restore(before),
    });
  }

  async #change(task: StoredTask, { shown, ...edited }: Edited): Promise<void> {
    const before = this.#session.resolve(task.categoryId);
    const isMoved = edited.categoryId !== before;
    const chosenBy = edited.categoryId === null ? "none" : isMoved ? "manual" : task.chosenBy;
    const changed: StoredTask = { ...task, ...edited, chosenBy };
    await this.#session.save(changed);
    const isReworded = task.title !== edited.title || task.description !== edited.description;
    if (isMoved || isReworded) {
      const kind = isMoved || chosenBy === "manual" ? "changed" : "accepted";
      await this.#session.teach(changed, kind, shown ?? undefined);
    }
    if (!isMoved) return;
    this.#sayLearnt(changed, task);
    await this.#hints.look(changed);
  }

  async #delete(task: StoredTask): Promise<void> {
    // The row that the focus would go back to is about to go.
    this.#heading.focus();
    await this.#session.delete(task);
    this.#toast.show(`Deleted “${shortened(task.title)}”, and what was learnt from it.`, {
      label: "Undo",
      run: () => void this.#restore(task),
    });
  }

  /** As it was, and what it taught, too. */
  async #restore(task: StoredTask): Promise<void> {
    await this.#session.save(task);
    await this.#session.teach(task, task.chosenBy === "manual" ? "changed" : "accepted");
  }

  #render(): void {
    const { tasks, categories, resolve } = this.#session;
    const { id } = this.#filter.kind === "category" ? this.#filter : { id: null };
    if (id !== null && !categories.has(id)) this.#filter = { kind: "all" };
    const counts = countOpen(tasks, resolve);
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    const rows: FilterRow[] = [
      { filter: { kind: "all" }, name: "All tasks", count: total },
      ...categories.all.map(({ id, name, colour }): FilterRow => ({
        filter: { kind: "category", id },
        ...{ name, colour },
        count: counts.get(id) ?? 0,
      })),
      { filter: { kind: "none" }, name: NO_CATEGORY, count: counts.get(null) ?? 0 },
    ];
    this.#filters.render(rows, this.#filter);
    const { open, done } = listTasks(tasks, this.#filter, resolve);
    const categoryOf = (task: StoredTask): TaskCategory => {
      const id = resolve(task.categoryId);
      return categories.find(id) ?? { id, name: NO_CATEGORY };
    };
    this.#lists.open.render(open, categoryOf);
    this.#lists.done.render(done, categoryOf);
    this.#heading.textContent = this.#filterName();
    const learnt = correctionsText(this.#session.steps);
    this.#learnt.textContent = `Learnt from ${learnt}`;
    this.#learnt.hidden = learnt === "";
    this.#empty.textContent = emptyText(open.length, done.length, this.#filter);
    this.#done.hidden = done.length === 0;
    this.#doneCount.textContent = String(done.length);
  }

  #filterName(): string {
    if (this.#filter.kind === "all") return "All tasks";
    return this.#filter.kind === "none" ? NO_CATEGORY : this.#session.nameOf(this.#filter.id);
  }
}

function emptyText(open: number, done: number, filter: Filter): string {
  if (open > 0) return "";
  if (done > 0) return "All done.";
  return filter.kind === "all"
    ? "Nothing to do yet. Type a task above, and its category finds itself."
    : "Nothing here.";
}
