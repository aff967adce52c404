import { LitElement } from "lit";

/** What makes an element a form's field: name, value, validity, sending, reset, disabled fieldsets. */
export abstract class FormField extends LitElement {
  static readonly formAssociated = true;
  static override readonly shadowRootOptions = {
    ...LitElement.shadowRootOptions,
    delegatesFocus: true,
  };
  static override readonly properties: Record<string, object> = {
    name: { reflect: true },
    required: { type: Boolean, reflect: true },
    disabled: { type: Boolean, reflect: true },
  };

  declare name: string;
  declare required: boolean;
  declare disabled: boolean;
  readonly #internals = this.attachInternals();
  #isFormDisabled = false;
  #form: HTMLFormElement | null = null;

  constructor() {
    super();
    this.name = "";
    this.required = false;
    this.disabled = false;
  }

  get form(): HTMLFormElement | null {
    return this.#internals.form;
  }
  get labels(): NodeList {
    return this.#internals.labels;
  }
  get validity(): ValidityState {
    return this.#internals.validity;
  }
  get validationMessage(): string {
    return this.#internals.validationMessage;
  }
  get willValidate(): boolean {
    return this.#internals.willValidate;
  }
  checkValidity(): boolean {
    return this.#internals.checkValidity();
  }
  reportValidity(): boolean {
    return this.#internals.reportValidity();
  }

  formAssociatedCallback(form: HTMLFormElement | null): void {
    this.#form?.removeEventListener("submit", this.#onSubmit, true);
    this.#form = form;
    // Capturing: the page's own listener may reset the form.
    this.#form?.addEventListener("submit", this.#onSubmit, true);
  }

  formDisabledCallback(isDisabled: boolean): void {
    this.#isFormDisabled = isDisabled;
    this.requestUpdate();
  }

  /** By its own attribute or by a disabled fieldset around it. */
  protected get isDisabled(): boolean {
    return this.disabled || this.#isFormDisabled;
  }

  /** The user sends the form; many a page prevents that and sends its content itself. */
  protected abstract formSubmitted(): void;

  readonly #onSubmit = (): void => {
    if (!this.isDisabled) this.formSubmitted();
  };

  /** What the form sends, and whether it may. */
  protected setFieldValue(value: string, missingMessage: string): void {
    this.#internals.setFormValue(value === "" ? null : value);
    const anchor = this.shadowRoot?.querySelector("input") ?? undefined;
    if (this.required && value === "") {
      this.#internals.setValidity({ valueMissing: true }, missingMessage, anchor);
    } else {
      this.#internals.setValidity({});
    }
  }
}
