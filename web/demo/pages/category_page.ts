import type { Category } from "../../src/index.js";
import { colourOf } from "../categories.js";
import { sentence } from "../model.js";
import type { Session } from "../session.js";
import { countCorrections } from "../tasks/history.js";
import { countOpen } from "../tasks/task.js";
import type { CategoryDialog } from "../view/category_dialog.js";
import { makeDot } from "../view/category_list.js";
import type { ConfirmDialog } from "../view/confirm_dialog.js";
import { byId, make, syncChildren } from "../view/dom.js";
import type { Toast } from "../view/toast.js";

/** All categories: rename, colour, merge, remove. */
export class CategoryPage {
  readonly #rows = byId("category-rows", HTMLUListElement);
  readonly #session: Session;
  readonly #dialog: CategoryDialog;
  readonly #confirm: ConfirmDialog;
  readonly #toast: Toast;

  constructor(
    session: Session,
    { dialog, confirm, toast }: { dialog: CategoryDialog; confirm: ConfirmDialog; toast: Toast },
  ) {
    this.#session = session;
    this.#dialog = dialog;
    this.#confirm = confirm;
    this.#toast = toast;
    byId("add-category", HTMLButtonElement).addEventListener("click", () => {
      dialog.ask({
        heading: "New category",
        action: "Create",
        name: "",
        take: async (name) => {
          await session.createCategory(name);
        },
      });
    });
    session.onChange(() => {
      this.#render();
    });
    this.#render();
  }

  #render(): void {
    const { categories, tasks, steps, resolve } = this.#session;
    const open = countOpen(tasks, resolve);
    const learnt = countCorrections(steps, resolve);
    syncChildren(this.#rows, categories.all, {
      keyOf: ({ id }) => id,
      create: ({ id }) => this.#makeRow(id),
      fill: (row, category) => {
        this.#fill(row, category, [
          counted(open.get(category.id) ?? 0, "to do", "to do"),
          counted(learnt.get(category.id) ?? 0, "correction", "corrections"),
        ]);
      },
    });
  }

  #makeRow(id: string): HTMLLIElement {
    const row = make("li", "row");
    const text = make("div", "row-text");
    text.append(make("p", "row-name"), make("p", "row-of"));
    const actions = make("div", "actions");
    actions.append(
      this.#button("Rename", id, (category) => {
        this.#rename(category);
      }),
      this.#colourField(id),
      this.#button("Merge", id, (category) => void this.#merge(category)),
      this.#button("Remove", id, (category) => void this.#remove(category)),
    );
    row.append(makeDot(id), text, actions);
    return row;
  }

  #fill(row: HTMLLIElement, { id, name, colour }: Category, about: readonly string[]): void {
    row.querySelector(".dot")?.replaceWith(makeDot(id, colour));
    const [title, detail] = row.querySelectorAll("p");
    if (title !== undefined) title.textContent = name;
    if (detail !== undefined) {
      detail.textContent = about.filter((text) => text !== "").join(" · ");
    }
    for (const button of row.querySelectorAll("button")) {
      button.setAttribute("aria-label", `${button.textContent} ${name}`);
    }
    const field = row.querySelector("input");
    if (field !== null) {
      field.setAttribute("aria-label", `Colour of ${name}`);
      field.value = colour ?? defaultColour(id);
    }
    // What SmartSynch would have to remember waits until it is there.
    const actions = row.querySelector<HTMLElement>(".actions");
    if (actions !== null) actions.hidden = this.#session.synch === null;
  }

  #rename({ id, name }: Category): void {
    this.#dialog.ask({
      heading: `Rename ${name}`,
      action: "Rename",
      name,
      take: (wanted) => this.#session.renameCategory(id, wanted),
    });
  }

  #colourField(id: string): HTMLInputElement {
    const field = make("input", "colour-field");
    field.type = "color";
    field.addEventListener("change", () => {
      const done = `${this.#session.nameOf(id)} has a new colour.`;
      void this.#try(() => this.#session.recolourCategory(id, field.value), done);
    });
    return field;
  }

  #button(label: string, id: string, run: (category: Category) => void): HTMLButtonElement {
    const button = make("button", "quiet small", label);
    button.type = "button";
    button.addEventListener("click", () => {
      const category = this.#session.categories.find(id);
      if (category !== undefined) run(category);
    });
    return button;
  }

  async #merge({ id, name }: Category): Promise<void> {
    const others = this.#session.categories.all.filter((other) => other.id !== id);
    const into = await this.#confirm.ask({
      heading: `Merge ${name}`,
      text: "Its tasks and all that was learnt of it become part of the other one.",
      action: "Merge",
      choices: others.map((other) => ({ value: other.id, label: other.name })),
    });
    if (into === null || into === "") return;
    await this.#try(
      () => this.#session.mergeCategories(id, into),
      `${name} is part of ${this.#session.nameOf(into)} now.`,
    );
  }

  async #remove({ id, name }: Category): Promise<void> {
    const answer = await this.#confirm.ask({
      heading: `Remove ${name}`,
      text: "Its tasks stay, without a category. It is never selected again.",
      action: "Remove",
    });
    if (answer === null) return;
    await this.#try(() => this.#session.removeCategory(id), `${name} is removed.`);
  }

  /** All these steps can be taken back: the newest one in the log is theirs. */
  async #try(run: () => Promise<void>, done: string): Promise<void> {
    try {
      await run();
    } catch (error) {
      this.#toast.show(`${sentence(error)}.`);
      return;
    }
    const step = this.#session.steps.at(-1);
    const undo = step && { label: "Undo", run: () => void this.#session.undo(step) };
    this.#toast.show(done, undo);
  }
}

/** What the page gives a category without a colour of its own. */
function defaultColour(id: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--colour-${colourOf(id)}`);
}

/** "3 to do"; nothing for none. */
function counted(count: number, one: string, many: string): string {
  return count === 0 ? "" : `${String(count)} ${count === 1 ? one : many}`;
}
