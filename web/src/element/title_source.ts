/** Follows the text field that the attribute `for` names by its id. */
export class TitleSource {
  readonly #host: Element;
  readonly #onText: (text: string) => void;
  #field: HTMLInputElement | HTMLTextAreaElement | null = null;

  constructor(host: Element, onText: (text: string) => void) {
    this.#host = host;
    this.#onText = onText;
  }

  /** Looks for the field in the host's own document or shadow tree; an empty id names none. */
  connect(id: string): void {
    this.disconnect();
    if (id === "") return;
    const root = this.#host.getRootNode() as Document | ShadowRoot;
    const found = root.getElementById(id);
    if (!(found instanceof HTMLInputElement || found instanceof HTMLTextAreaElement)) return;
    this.#field = found;
    found.addEventListener("input", this.#read);
    // A form's reset empties the field after this event.
    found.form?.addEventListener("reset", this.#readLater);
    this.#read();
  }

  disconnect(): void {
    this.#field?.removeEventListener("input", this.#read);
    this.#field?.form?.removeEventListener("reset", this.#readLater);
    this.#field = null;
  }

  readonly #read = (): void => {
    if (this.#field !== null) this.#onText(this.#field.value);
  };

  readonly #readLater = (): void => {
    setTimeout(this.#read);
  };
}
