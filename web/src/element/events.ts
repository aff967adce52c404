/** Where a choice came from. */
export type ChoiceSource = "auto" | "manual" | "create" | "undo";

/** `change`: the picker's value is another one. Bubbles, also out of shadow trees. */
export class PickerChangeEvent extends Event {
  static readonly type = "change";
  /** The chosen category's id; empty when there is none. */
  readonly value: string;
  readonly source: ChoiceSource;

  constructor(value: string, source: ChoiceSource) {
    super(PickerChangeEvent.type, { bubbles: true, composed: true });
    this.value = value;
    this.source = source;
  }
}

/**
 * `create-category`: the user asks for a new category. Unless `preventDefault()` is called, the
 * engine adds it and it is chosen.
 */
export class CreateCategoryEvent extends Event {
  static readonly type = "create-category";
  readonly name: string;

  constructor(name: string) {
    super(CreateCategoryEvent.type, { bubbles: true, composed: true, cancelable: true });
    this.name = name;
  }
}

/** `undo-choice`: the user took a choice back; a `change` follows. */
export class PickerUndoEvent extends Event {
  static readonly type = "undo-choice";
  /** The id that was taken back, and the one that stands again (empty: none). */
  readonly undone: string;
  readonly value: string;

  constructor(undone: string, value: string) {
    super(PickerUndoEvent.type, { bubbles: true, composed: true });
    this.undone = undone;
    this.value = value;
  }
}

/** `picker-error`: the engine failed; the picker goes on without its help. */
export class PickerErrorEvent extends Event {
  static readonly type = "picker-error";
  readonly error: unknown;

  constructor(error: unknown) {
    super(PickerErrorEvent.type, { bubbles: true, composed: true });
    this.error = error;
  }
}

declare global {
  interface HTMLElementEventMap {
    "create-category": CreateCategoryEvent;
    "undo-choice": PickerUndoEvent;
    "picker-error": PickerErrorEvent;
  }
}
