import { sentence } from "../model.js";
import { byId } from "./dom.js";

export interface NameRequest {
  heading: string;
  /** On the button that takes the name. */
  action: string;
  name: string;
  /** Rejects with the message to show when the name will not do. */
  take: (name: string) => Promise<void>;
}

/** Asks for a category's name until one is accepted. */
export class CategoryDialog {
  readonly #dialog = byId("category-dialog", HTMLDialogElement);
  readonly #heading = byId("dialog-heading", HTMLElement);
  readonly #name = byId("category-name", HTMLInputElement);
  readonly #error = byId("category-error", HTMLElement);
  readonly #action = byId("category-submit", HTMLButtonElement);
  #take: NameRequest["take"] = () => Promise.resolve();

  constructor() {
    byId("category-cancel", HTMLButtonElement).addEventListener("click", () => {
      this.#dialog.close();
    });
    byId("category-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
  }

  ask({ heading, action, name, take }: NameRequest): void {
    this.#heading.textContent = heading;
    this.#action.textContent = action;
    this.#take = take;
    this.#name.value = name;
    this.#showError("");
    this.#dialog.showModal();
    this.#name.select();
  }

  async #submit(): Promise<void> {
    try {
      await this.#take(this.#name.value);
    } catch (error) {
      this.#showError(`${sentence(error)}.`);
      this.#name.focus();
      return;
    }
    this.#dialog.close();
  }

  #showError(message: string): void {
    this.#error.textContent = message;
    this.#name.setAttribute("aria-invalid", String(message !== ""));
  }
}
