import type { Session } from "../session.js";
import { shortened, type StoredTask } from "../tasks/task.js";
import { byId } from "../view/dom.js";
import type { Toast } from "../view/toast.js";

/** More would take long, and nobody reads them. */
const MOST_TASKS = 200;

/**
 * After a correction: which other tasks would now be put in that category? The user is asked; nothing
 * moves by itself.
 */
export class Hints {
  readonly #root = byId("hints", HTMLElement);
  readonly #text = byId("hints-text", HTMLElement);
  readonly #session: Session;
  readonly #toast: Toast;
  #proposed: readonly StoredTask[] = [];
  #categoryId = "";

  constructor(session: Session, toast: Toast) {
    this.#session = session;
    this.#toast = toast;
    byId("hints-leave", HTMLButtonElement).addEventListener("click", () => {
      this.#root.hidden = true;
    });
    byId("hints-take", HTMLButtonElement).addEventListener("click", () => void this.#take());
  }

  /** `taught` was just put in its category by hand. */
  async look({ id, categoryId }: StoredTask): Promise<void> {
    this.#root.hidden = true;
    const { synch, resolve } = this.#session;
    if (synch === null || categoryId === null) return;
    const others = this.#session.tasks
      .filter((task) => task.id !== id && !task.done && task.chosenBy !== "manual")
      .filter((task) => resolve(task.categoryId) !== categoryId)
      .slice(-MOST_TASKS);
    if (others.length === 0) return;
    const predictions = await synch.predictBatch(others).catch(() => []);
    this.#proposed = others.filter((_, i) => predictions[i]?.categoryId === categoryId);
    this.#categoryId = categoryId;
    const [first] = this.#proposed;
    if (first === undefined) return;
    const what =
      this.#proposed.length === 1
        ? `“${shortened(first.title)}” looks`
        : `${String(this.#proposed.length)} more tasks look`;
    this.#text.textContent = `${what} like ${this.#session.nameOf(categoryId)} now.`;
    this.#root.hidden = false;
  }

  async #take(): Promise<void> {
    this.#root.hidden = true;
    const before = this.#proposed;
    const categoryId = this.#categoryId;
    await this.#session.save(
      ...before.map((task): StoredTask => ({ ...task, categoryId, chosenBy: "auto" })),
    );
    const name = this.#session.nameOf(categoryId);
    this.#toast.show(`Moved to ${name}.`, {
      label: "Undo",
      run: () => void this.#session.save(...before),
    });
  }
}
