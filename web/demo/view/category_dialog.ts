import { sentence } from "../model.js";
import { byId } from "./dom.js";

/** "Create new category…": asks for a name until `create` accepts one. */
export class CategoryDialog {
  readonly #dialog = byId("category-dialog", HTMLDialogElement);
  readonly #form = byId("category-form", HTMLFormElement);
  readonly #name = byId("category-name", HTMLInputElement);
  readonly #error = byId("category-error", HTMLElement);
  readonly #create: (name: string) => Promise<void>;

  /** `create` rejects with the message to show when the name will not do. */
  constructor(create: (name: string) => Promise<void>) {
    this.#create = create;
    byId("new-category", HTMLButtonElement).addEventListener("click", () => {
      this.#open();
    });
    byId("category-cancel", HTMLButtonElement).addEventListener("click", () => {
      this.#dialog.close();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
  }

  #open(): void {
    this.#name.value = "";
    this.#showError("");
    this.#dialog.showModal();
  }

  async #submit(): Promise<void> {
    try {
      await this.#create(this.#name.value);
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
