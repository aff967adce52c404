import type { Category } from "../../src/index.js";
import { byId, make } from "./dom.js";

/** All categories as one group of radio buttons: the manual choice. */
export class CategoryList {
  readonly #root = byId("categories", HTMLElement);

  constructor(onChoose: (categoryId: string) => void) {
    // Not "change": choosing what was selected automatically must count as a choice, too.
    this.#root.addEventListener("click", (event) => {
      if (event.target instanceof HTMLInputElement) onChoose(event.target.value);
    });
  }

  /** Adds chips for categories that have none yet. */
  setCategories(categories: readonly Category[]): void {
    for (const { id, name } of categories) {
      if (this.#find(id) === null) this.#root.append(makeChip(id, name));
    }
  }

  /** Marks one as selected; `automatic` tells how it came about. */
  select(categoryId: string | null, automatic: boolean): void {
    for (const input of this.#root.querySelectorAll("input")) {
      input.checked = input.value === categoryId;
      input.closest("label")?.classList.toggle("automatic", input.checked && automatic);
    }
  }

  focus(categoryId: string): void {
    this.#find(categoryId)?.focus();
  }

  #find(categoryId: string): HTMLInputElement | null {
    return this.#root.querySelector(`input[value="${CSS.escape(categoryId)}"]`);
  }
}

function makeChip(id: string, name: string): HTMLLabelElement {
  const chip = make("label", "chip");
  const input = make("input");
  input.type = "radio";
  input.name = "category";
  input.value = id;
  chip.append(input, make("span", "", name));
  return chip;
}
