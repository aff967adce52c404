import type { StoredTask } from "../tasks/task.js";
import { makeDot } from "./category_list.js";
import { make, syncChildren } from "./dom.js";

/** The category that a task is shown with. */
export interface TaskCategory {
  id: string | null;
  name: string;
  colour?: string | undefined;
}

export interface TaskListHandlers {
  onDone: (id: string, done: boolean) => void;
  /** `part`: where the user wants to change something. */
  onOpen: (id: string, part: "title" | "category") => void;
}

/** One list of tasks. */
export class TaskList {
  readonly #root: HTMLUListElement;
  readonly #handlers: TaskListHandlers;

  constructor(root: HTMLUListElement, handlers: TaskListHandlers) {
    this.#root = root;
    this.#handlers = handlers;
  }

  render(tasks: readonly StoredTask[], categoryOf: (task: StoredTask) => TaskCategory): void {
    syncChildren(this.#root, tasks, {
      keyOf: ({ id }) => id,
      create: ({ id }) => this.#makeRow(id),
      fill: (row, task) => {
        fill(row, task, categoryOf(task));
      },
    });
  }

  #makeRow(id: string): HTMLLIElement {
    const row = make("li", "task");
    const check = make("input", "task-check");
    check.type = "checkbox";
    check.addEventListener("change", () => {
      const near = row.nextElementSibling ?? row.previousElementSibling;
      this.#handlers.onDone(id, check.checked);
      // The row went to the other list; the keyboard goes on at its neighbour.
      if (document.activeElement !== check) near?.querySelector("input")?.focus();
    });
    const open = make("button", "task-open");
    open.type = "button";
    const title = make("span", "task-title");
    const note = make("span", "task-note");
    title.dir = note.dir = "auto";
    open.append(title, note);
    open.addEventListener("click", () => {
      this.#handlers.onOpen(id, "title");
    });
    const tag = make("button", "tag");
    tag.type = "button";
    tag.addEventListener("click", () => {
      this.#handlers.onOpen(id, "category");
    });
    row.append(check, open, tag);
    return row;
  }
}

function fill(row: HTMLLIElement, task: StoredTask, category: TaskCategory): void {
  const check = row.querySelector("input");
  const title = row.querySelector(".task-title");
  const note = row.querySelector<HTMLElement>(".task-note");
  const tag = row.querySelector<HTMLButtonElement>(".tag");
  if (check === null || title === null || note === null || tag === null) return;
  check.checked = task.done;
  check.setAttribute("aria-label", `Done: ${task.title}`);
  title.textContent = task.title;
  note.textContent = task.description;
  note.hidden = task.description === "";
  tag.classList.toggle("none", category.id === null);
  tag.title = `Change the category of “${task.title}”`;
  tag.replaceChildren(
    makeDot(category.id, category.colour),
    make("span", "tag-name", category.name),
  );
}
