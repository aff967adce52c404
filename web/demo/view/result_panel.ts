import type { Suggestion } from "../../src/index.js";
import { percent, type ResultView } from "../model.js";
import { byId, make } from "./dom.js";

/** The panel that shows the category found, or the suggestions. */
export class ResultPanel {
  readonly #root = byId("result", HTMLElement);
  readonly #title = byId("result-title", HTMLElement);
  readonly #detail = byId("result-detail", HTMLElement);
  readonly #list = byId("suggestions", HTMLUListElement);
  readonly #undo = byId("undo-choice", HTMLButtonElement);
  readonly #onChoose: (categoryId: string) => void;

  constructor(handlers: { onChoose: (categoryId: string) => void; onUndo: () => void }) {
    this.#onChoose = handlers.onChoose;
    this.#undo.addEventListener("click", handlers.onUndo);
  }

  render(view: ResultView): void {
    this.#root.dataset["state"] = view.state;
    this.#title.textContent = view.title;
    this.#detail.textContent = view.detail;
    this.#undo.hidden = view.state !== "manual" && view.state !== "auto";
    this.#undo.textContent = view.state === "auto" ? "Undo" : "Choose for me";
    this.#renderSuggestions(view.suggestions);
  }

  /** Rows are kept and filled anew, so that the bars move and a focused button stays focused. */
  #renderSuggestions(suggestions: readonly Suggestion[]): void {
    while (this.#list.children.length > suggestions.length) this.#list.lastElementChild?.remove();
    suggestions.forEach((suggestion, index) => {
      const row = this.#list.children[index] ?? this.#list.appendChild(this.#makeRow());
      const button = row.querySelector("button");
      const bar = row.querySelector<HTMLElement>(".bar");
      if (button === null || bar === null) return;
      button.dataset["categoryId"] = suggestion.categoryId;
      const [name, share] = button.querySelectorAll("span.label");
      if (name) name.textContent = suggestion.category;
      if (share) share.textContent = percent(suggestion.confidence);
      bar.style.setProperty("--share", suggestion.confidence.toFixed(3));
    });
  }

  #makeRow(): HTMLLIElement {
    const row = make("li");
    const button = make("button", "suggestion");
    button.type = "button";
    const bar = make("span", "bar");
    bar.setAttribute("aria-hidden", "true");
    button.append(make("span", "label name"), bar, make("span", "label share"));
    button.addEventListener("click", () => {
      const id = button.dataset["categoryId"];
      if (id !== undefined) this.#onChoose(id);
    });
    row.append(button);
    return row;
  }
}
