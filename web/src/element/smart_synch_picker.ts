import type { PropertyValues, TemplateResult } from "lit";

import type { Category, Prediction } from "../types.js";
import { Announcer } from "./announcer.js";
import { type Choice, choose, follow, initialChoice, undo } from "./choice.js";
import {
  type ChoiceSource,
  CreateCategoryEvent,
  PickerChangeEvent,
  PickerErrorEvent,
  PickerUndoEvent,
} from "./events.js";
import { FormField } from "./form_field.js";
import { keyAction } from "./keyboard.js";
import { listOptions, type PickerOption } from "./options.js";
import { type PickerEngine, PredictionFeed } from "./prediction_feed.js";
import { ENGLISH, type PickerStrings } from "./strings.js";
import { styles } from "./styles.js";
import { TitleSource } from "./title_source.js";
import { pickerTemplate, settle } from "./view.js";

/**
 * A form field for a task's category that chooses by itself while the title is typed, and leaves
 * alone what the user chose. Attributes, events, parts, custom properties: README of the package.
 *
 * @fires change - the value changed; {@link PickerChangeEvent}
 * @fires create-category - a new category is asked for; {@link CreateCategoryEvent}
 * @fires undo-choice - a choice was taken back; {@link PickerUndoEvent}
 * @fires picker-error - the engine failed; {@link PickerErrorEvent}
 */
export class SmartSynchPicker extends FormField {
  static override readonly styles = styles;
  static override readonly properties = {
    ...FormField.properties,
    engine: { attribute: false },
    prediction: { attribute: false },
    categories: { attribute: false },
    strings: { attribute: false },
    taskTitle: { attribute: "task-title" },
    taskDescription: { attribute: "task-description" },
    for: {},
    label: {},
  };

  declare engine: PickerEngine | null;
  declare prediction: Prediction | null;
  /** What can be chosen; null (default): what the engine knows. */
  declare categories: readonly Category[] | null;
  declare strings: Partial<PickerStrings>;
  declare taskTitle: string;
  declare taskDescription: string;
  declare for: string;
  declare label: string;

  readonly #feed = new PredictionFeed(
    (prediction) => (this.prediction = prediction),
    this.#fail.bind(this),
  );
  readonly #announcer = new Announcer(this.requestUpdate.bind(this));
  readonly #title = new TitleSource(this, (title) => (this.taskTitle = title));
  #choice: Choice = initialChoice();
  #filter: string | null = null;
  #isOpen = false;
  #active = -1;

  constructor() {
    super();
    this.engine = this.prediction = this.categories = null;
    this.strings = {};
    this.taskTitle = this.taskDescription = this.for = this.label = "";
  }

  /** The chosen category's id; empty when there is none. Setting it counts as a choice by hand. */
  get value(): string {
    return this.#choice.value;
  }
  set value(id: string) {
    this.#set(initialChoice(id));
  }

  /** Takes the latest choice back; an automatic one is then not made again. */
  undo(): void {
    const before = this.#choice;
    if (before.former === null) return;
    this.#set(undo(before));
    this.dispatchEvent(new PickerUndoEvent(before.value, this.value));
    this.dispatchEvent(new PickerChangeEvent(this.value, "undo"));
    this.#announcer.say(this.#words.announceUndo(this.#nameOf(this.value)));
    if (before.by === "auto") this.#feed.learn(before.value, "rejected", this.prediction);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.#feed.connect(this.engine);
    else if (this.value === "") this.formResetCallback();
    this.#title.connect(this.for);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#feed.connect(null);
    this.#title.disconnect();
    this.#announcer.cancel();
  }

  formResetCallback(): void {
    this.#set(initialChoice(this.getAttribute("value") ?? ""));
  }

  formStateRestoreCallback(state: unknown): void {
    this.#set(initialChoice(typeof state === "string" ? state : ""));
  }

  /** An automatic choice that is sent was kept. */
  protected override formSubmitted(): void {
    if (this.#choice.by === "auto") this.#feed.learn(this.value, "accepted", this.prediction);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("engine")) this.#feed.connect(this.engine);
    if (changed.has("for")) this.#title.connect(this.for);
    if (["engine", "taskTitle", "taskDescription"].some((name) => changed.has(name)))
      this.#feed.update({ title: this.taskTitle, description: this.taskDescription });
    if (changed.has("prediction")) this.#follow();
  }

  protected override updated(): void {
    this.setFieldValue(this.value, this.#words.required);
    settle(this.renderRoot, this.#filter !== null);
  }

  protected override render(): TemplateResult {
    const { by, former, value } = this.#choice;
    const shown = this.prediction?.suggestions.find(({ categoryId }) => categoryId === value);
    return pickerTemplate({
      strings: this.#words,
      label: this.label || (this.labels[0]?.textContent ?? "").trim() || this.#words.label,
      text: this.#filter ?? this.#nameOf(value) ?? "",
      isAuto: by === "auto",
      confidence: shown?.confidence ?? this.prediction?.confidence ?? 0,
      canUndo: former !== null,
      isOpen: this.#isOpen && !this.isDisabled,
      isDisabled: this.isDisabled,
      isRequired: this.required,
      value,
      options: this.#options(),
      active: this.#active,
      status: this.#announcer.text,
      onInput: (event) => {
        this.#show((event.target as HTMLInputElement).value, 0);
      },
      onKeyDown: this.#onKeyDown,
      onBlur: this.#close,
      onToggle: () => {
        this.focus();
        if (this.#isOpen) this.#close();
        else this.#show(null, -1);
      },
      onUndo: this.undo.bind(this),
      onChoose: (option) => void this.#take(option),
      onHover: (index) => {
        if (index !== this.#active) this.#show(this.#filter, index);
      },
    });
  }

  get #words(): PickerStrings {
    return { ...ENGLISH, ...this.strings };
  }

  #known(): readonly Category[] {
    return this.categories ?? this.engine?.categories() ?? [];
  }

  #nameOf(id: string): string | null {
    return this.#known().find((category) => category.id === id)?.name ?? (id === "" ? null : id);
  }

  #options(): PickerOption[] {
    return listOptions(this.#known(), this.prediction, this.#filter ?? "", this.taskTitle);
  }

  #set(choice: Choice): void {
    this.#choice = choice;
    this.setFieldValue(choice.value, this.#words.required);
    this.requestUpdate();
  }

  #follow(): void {
    const before = this.value;
    this.#set(follow(this.#choice, this.prediction));
    if (this.value === before) return;
    this.dispatchEvent(new PickerChangeEvent(this.value, "auto"));
    const name = this.#nameOf(this.value);
    const percent = this.#words.percent(this.prediction?.confidence ?? 0);
    if (name === null) this.#announcer.cancel();
    else this.#announcer.sayLater(this.#words.announceAuto(name, percent));
  }

  async #take(option: PickerOption): Promise<void> {
    let { id } = option;
    let source: ChoiceSource = "manual";
    this.#close();
    if (option.kind === "create") {
      if (!this.dispatchEvent(new CreateCategoryEvent(option.name)) || !this.engine) return;
      try {
        ({ id } = await this.engine.addCategory({ name: option.name }));
        source = "create";
      } catch (error) {
        this.#fail(error);
        return;
      }
    }
    const wasAuto = this.#choice.by === "auto" && this.value === id;
    this.#set(choose(this.#choice, id));
    this.dispatchEvent(new PickerChangeEvent(id, source));
    this.#feed.learn(id, wasAuto ? "accepted" : "changed", this.prediction);
  }

  #fail(error: unknown): void {
    this.dispatchEvent(new PickerErrorEvent(error));
  }

  #show(filter: string | null, active: number): void {
    this.#isOpen = true;
    this.#filter = filter;
    this.#active = Math.min(active, this.#options().length - 1);
    this.requestUpdate();
  }

  readonly #close = (): void => {
    this.#isOpen = false;
    this.#filter = null;
    this.#active = -1;
    this.requestUpdate();
  };

  readonly #onKeyDown = (event: KeyboardEvent): void => {
    const action = keyAction(event, this.#isOpen, this.#active, this.#options().length);
    if (action === null || (action === "undo" && this.#choice.former === null)) return;
    event.preventDefault();
    if (action === "close") this.#close();
    else if (action === "undo") this.undo();
    else if (action !== "take") this.#show(this.#filter, action);
    else
      for (const option of this.#options().slice(this.#active, this.#active + 1))
        void this.#take(option);
  };
}
