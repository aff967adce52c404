import { byId, make } from "./dom.js";

export interface Question {
  heading: string;
  text: string;
  /** On the button that goes ahead. */
  action: string;
  /** It cannot be taken back. */
  danger?: boolean;
  /** To choose one of. */
  choices?: readonly { value: string; label: string }[];
}

/** Asks before something large is done. */
export class ConfirmDialog {
  readonly #dialog = byId("confirm-dialog", HTMLDialogElement);
  readonly #heading = byId("confirm-heading", HTMLElement);
  readonly #text = byId("confirm-text", HTMLElement);
  readonly #field = byId("confirm-field", HTMLElement);
  readonly #choice = byId("confirm-choice", HTMLSelectElement);
  readonly #submit = byId("confirm-submit", HTMLButtonElement);
  #answer: (choice: string | null) => void = () => undefined;

  constructor() {
    byId("confirm-cancel", HTMLButtonElement).addEventListener("click", () => {
      this.#dialog.close();
    });
    byId("confirm-form", HTMLFormElement).addEventListener("submit", () => {
      this.#answer(this.#choice.value);
    });
    // After "submit": then the answer was given already.
    this.#dialog.addEventListener("close", () => {
      this.#answer(null);
    });
  }

  /** The choice made ("" where there was none to make); null when it was cancelled. */
  ask({ heading, text, action, danger = false, choices = [] }: Question): Promise<string | null> {
    this.#heading.textContent = heading;
    this.#text.textContent = text;
    this.#submit.textContent = action;
    this.#submit.className = danger ? "danger solid" : "primary";
    this.#field.hidden = choices.length === 0;
    this.#choice.replaceChildren(
      ...choices.map(({ value, label }) => {
        const option = make("option", "", label);
        option.value = value;
        return option;
      }),
    );
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#dialog.showModal();
    });
  }
}
