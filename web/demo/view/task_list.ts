import { byId, make } from "./dom.js";

/** The tasks added so far, newest first; kept for as long as the page is open. */
export class TaskList {
  readonly #root = byId("added", HTMLElement);
  readonly #list = byId("task-list", HTMLUListElement);

  add(title: string, category: string | null): void {
    const row = make("li");
    row.append(
      make("span", "task-title", title),
      category === null ? make("span", "tag none", "no category") : make("span", "tag", category),
    );
    this.#list.prepend(row);
    this.#root.hidden = false;
  }
}
