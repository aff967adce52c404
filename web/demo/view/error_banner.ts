import { byId } from "./dom.js";

/** Says what went wrong and what still works, with a way to try again. */
export class ErrorBanner {
  readonly #root = byId("error", HTMLElement);
  readonly #text = byId("error-text", HTMLElement);
  readonly #detail = byId("error-detail", HTMLElement);
  readonly #retry = byId("error-retry", HTMLButtonElement);
  #onRetry: () => void = () => undefined;

  constructor() {
    this.#retry.addEventListener("click", () => {
      this.hide();
      this.#onRetry();
    });
  }

  /** `text` is for the user, `detail` for whoever mends it. */
  show(text: string, detail: string, onRetry: () => void): void {
    this.#onRetry = onRetry;
    this.#text.textContent = text;
    this.#detail.textContent = detail;
    this.#root.hidden = false;
  }

  hide(): void {
    this.#root.hidden = true;
  }
}
