import { announce, type ResultView } from "./model.js";
import { byId } from "./view/dom.js";

/** Long enough that a screen reader hears of a pause in typing, not of every letter. */
const CALM_MS = 900;

/** Tells screen readers what the page found, once it has settled. */
export class Announcer {
  readonly #status = byId("status", HTMLElement);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = "";

  describe(view: ResultView): void {
    const sentence = announce(view);
    if (sentence === this.#last) return;
    this.#last = sentence;
    clearTimeout(this.#timer);
    if (sentence === "") return;
    this.#timer = setTimeout(() => {
      this.#status.textContent = sentence;
    }, CALM_MS);
  }

  /** Without waiting: something the user did. */
  say(sentence: string): void {
    clearTimeout(this.#timer);
    this.#status.textContent = sentence;
  }
}
