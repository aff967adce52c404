import type { Category } from "../../src/index.js";
import { colourOf } from "../categories.js";
import { byId, make, syncChildren } from "./dom.js";

/** All categories as one group of radio buttons: the manual choice. */
export class CategoryList {
  readonly #root = byId("categories", HTMLElement);

  constructor(onChoose: (categoryId: string) => void) {
    // Not "change": choosing what was selected automatically must count as a choice, too.
    this.#root.addEventListener("click", (event) => {
      if (event.target instanceof HTMLInputElement) onChoose(event.target.value);
    });
  }

  setCategories(categories: readonly Category[]): void {
    syncChildren(this.#root, categories, {
      keyOf: ({ id }) => id,
      create: ({ id }) => makeChip(id),
      fill: (chip, { id, name, colour }) => {
        chip.querySelector(".dot")?.replaceWith(makeDot(id, colour));
        const text = chip.querySelector(".chip-name");
        if (text !== null && text.textContent !== name) text.textContent = name;
      },
    });
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

function makeChip(id: string): HTMLLabelElement {
  const chip = make("label", "chip");
  const input = make("input");
  input.type = "radio";
  input.name = "category";
  input.value = id;
  chip.append(input, makeDot(id), make("span", "chip-name"));
  return chip;
}

/** A category's colour, its own where the user chose one; its name always stands beside it. */
export function makeDot(categoryId: string | null, own?: string): HTMLSpanElement {
  const dot = make("span", "dot");
  if (own === undefined) {
    dot.dataset["colour"] = categoryId === null ? "none" : colourOf(categoryId);
  } else {
    dot.dataset["colour"] = "own";
    dot.style.setProperty("--dot", own);
  }
  dot.setAttribute("aria-hidden", "true");
  return dot;
}
