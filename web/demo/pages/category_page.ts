import type { Category } from "../../src/index.js";
import { sentence } from "../model.js";
import type { Session } from "../session.js";
import { countOpen } from "../tasks/task.js";
import type { CategoryDialog } from "../view/category_dialog.js";
import { makeDot } from "../view/category_list.js";
import type { ConfirmDialog } from "../view/confirm_dialog.js";
import { byId, make } from "../view/dom.js";
import type { Toast } from "../view/toast.js";

/** What the colour field shows of a category without a colour of its own. */
const NO_COLOUR = "#808080";

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
    const { categories, tasks, resolve, synch } = this.#session;
    const counts = countOpen(tasks, resolve);
    this.#rows.replaceChildren(
      ...categories.all.map((category) => {
        const row = make("li", "row");
        const open = counts.get(category.id) ?? 0;
        const actions = make("div", "actions");
        // What SmartSynch would have to remember waits until it is there.
        if (synch !== null) {
          const others = categories.all.filter(({ id }) => id !== category.id);
          actions.append(
            button("Rename", category, () => {
              this.#rename(category);
            }),
            this.#colourField(category),
            button("Merge", category, () => void this.#merge(category, others)),
            button("Remove", category, () => void this.#remove(category)),
          );
        }
        row.append(
          makeDot(category.id, category.colour),
          make("span", "row-name", category.name),
          make("span", "count", open === 0 ? "" : `${String(open)} to do`),
          actions,
        );
        return row;
      }),
    );
  }

  #rename({ id, name }: Category): void {
    this.#dialog.ask({
      heading: `Rename ${name}`,
      action: "Rename",
      name,
      take: (wanted) => this.#session.renameCategory(id, wanted),
    });
  }

  #colourField({ id, name, colour }: Category): HTMLInputElement {
    const field = make("input", "colour-field");
    field.type = "color";
    field.value = colour ?? NO_COLOUR;
    field.setAttribute("aria-label", `Colour of ${name}`);
    field.addEventListener("change", () => {
      void this.#try(() => this.#session.recolourCategory(id, field.value), `${name} is coloured.`);
    });
    return field;
  }

  async #merge({ id, name }: Category, others: readonly Category[]): Promise<void> {
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

function button(label: string, { name }: Category, run: () => void): HTMLButtonElement {
  const element = make("button", "quiet small", label);
  element.type = "button";
  element.setAttribute("aria-label", `${label} ${name}`);
  element.addEventListener("click", run);
  return element;
}
