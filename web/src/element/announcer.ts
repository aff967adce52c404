/** A selection is announced once it has stood this long, so that typing is not talked over. */
const STANDS_FOR_MS = 700;

/** What a live region says, and when. */
export class Announcer {
  text = "";
  readonly #onChange: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  say(text: string): void {
    this.cancel();
    this.text = text;
    this.#onChange();
  }

  /** Unless something else is said, or `cancel()` called, before. */
  sayLater(text: string): void {
    this.cancel();
    this.#timer = setTimeout(() => {
      this.say(text);
    }, STANDS_FOR_MS);
  }

  cancel(): void {
    clearTimeout(this.#timer);
  }
}
