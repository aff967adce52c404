import type { Prediction } from "../../src/index.js";
import type { SmartSynchPicker } from "../../src/element/define.js";
import type { StoredTask } from "../tasks/task.js";
import { byId } from "./dom.js";

/** What the user made of a task. */
export interface Edited {
  title: string;
  description: string;
  categoryId: string | null;
  /** What the category field showed at the end. */
  shown: Prediction | null;
}

export interface TaskEditorHandlers {
  onSave: (task: StoredTask, edited: Edited) => void;
  onDelete: (task: StoredTask) => void;
}

/** A task in a dialog, with the category field of the package. */
export class TaskEditor {
  readonly picker: SmartSynchPicker;
  readonly #dialog = byId("task-dialog", HTMLDialogElement);
  readonly #title = byId("edit-title", HTMLInputElement);
  readonly #description = byId("edit-description", HTMLTextAreaElement);
  readonly #error = byId("edit-error", HTMLElement);
  readonly #handlers: TaskEditorHandlers;
  #task: StoredTask | null = null;

  constructor(handlers: TaskEditorHandlers) {
    this.#handlers = handlers;
    const picker = document.querySelector("smartsynch-picker");
    if (picker === null) throw new Error("the page has no category field");
    this.picker = picker;
    byId("edit-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    byId("edit-cancel", HTMLButtonElement).addEventListener("click", () => {
      this.#dialog.close();
    });
    byId("edit-delete", HTMLButtonElement).addEventListener("click", () => {
      this.#dialog.close();
      if (this.#task !== null) this.#handlers.onDelete(this.#task);
    });
    this.#description.addEventListener("input", () => {
      this.picker.taskDescription = this.#description.value;
    });
    // The picker uses Escape to take a choice back; only what it leaves alone closes the dialog.
    this.picker.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && event.defaultPrevented) event.stopPropagation();
    });
  }

  open(task: StoredTask, categoryId: string | null, part: "title" | "category"): void {
    this.#task = task;
    this.#title.value = task.title;
    this.#description.value = task.description;
    this.picker.prediction = null;
    this.picker.taskTitle = task.title;
    this.picker.taskDescription = task.description;
    this.picker.value = categoryId ?? "";
    this.#showError("");
    this.#dialog.showModal();
    if (part === "category") this.picker.focus();
    else this.#title.focus();
  }

  #save(): void {
    const title = this.#title.value.trim();
    if (title === "") {
      this.#showError("A task needs a title.");
      this.#title.focus();
      return;
    }
    const { value, prediction } = this.picker;
    this.#dialog.close();
    if (this.#task === null) return;
    this.#handlers.onSave(this.#task, {
      title,
      description: this.#description.value.trim(),
      categoryId: value === "" ? null : value,
      shown: prediction,
    });
  }

  #showError(message: string): void {
    this.#error.textContent = message;
    this.#title.setAttribute("aria-invalid", String(message !== ""));
  }
}
