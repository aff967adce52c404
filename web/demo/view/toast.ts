import { byId } from "./dom.js";

/** Long enough to read it and to reach the button by keyboard. */
const STAYS_MS = 10_000;
const TEXT_FIELDS = "input:not([type]), input[type=text], textarea, smartsynch-picker";

/** A short message at the edge of the page, with a way back. */
export class Toast {
  readonly #root = byId("toast", HTMLElement);
  readonly #text = byId("toast-text", HTMLElement);
  readonly #action = byId("toast-action", HTMLButtonElement);
  readonly #say: (text: string) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onAction: () => void = () => undefined;

  /** `say` tells screen readers. */
  constructor(say: (text: string) => void) {
    this.#say = say;
    this.#action.addEventListener("click", () => {
      this.hide();
      this.#onAction();
    });
    // The button is far from the keyboard; in a text field the keys are the field's own.
    document.addEventListener("keydown", (event) => {
      const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z";
      if (!isUndo || this.#root.hidden || this.#action.hidden || isTextField(event.target)) return;
      event.preventDefault();
      this.#action.click();
    });
    for (const type of ["focusin", "pointerenter"]) {
      this.#root.addEventListener(type, () => {
        clearTimeout(this.#timer);
      });
    }
    for (const type of ["focusout", "pointerleave"]) {
      this.#root.addEventListener(type, () => {
        this.#hideLater();
      });
    }
  }

  show(text: string, action?: { label: string; run: () => void }): void {
    this.#text.textContent = text;
    this.#action.hidden = action === undefined;
    this.#action.textContent = action?.label ?? "";
    this.#onAction = action?.run ?? ((): void => undefined);
    this.#root.hidden = false;
    this.#say(action === undefined ? text : `${text} Control Z: ${action.label}.`);
    this.#hideLater();
  }

  hide(): void {
    clearTimeout(this.#timer);
    this.#root.hidden = true;
  }

  #hideLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.hide();
    }, STAYS_MS);
  }
}

/** Where the user may have typed something to take back. */
function isTextField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.matches(TEXT_FIELDS) &&
    "value" in target &&
    target.value !== ""
  );
}
