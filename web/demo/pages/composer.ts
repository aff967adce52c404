import type { FieldSession, Prediction, SmartSynch } from "../../src/index.js";
import type { Announcer } from "../announcer.js";
import { describeResult, type FormState } from "../model.js";
import type { Session } from "../session.js";
import type { StoredTask } from "../tasks/task.js";
import { CategoryList } from "../view/category_list.js";
import type { CategoryDialog } from "../view/category_dialog.js";
import { byId } from "../view/dom.js";
import { ResultPanel } from "../view/result_panel.js";

/** Milliseconds without a keystroke before the full tier is asked. */
const PAUSE_MS = 120;

/** The form for a new task, whose category finds itself while one types. */
export class Composer {
  readonly #title = byId("title", HTMLInputElement);
  readonly #description = byId("description", HTMLTextAreaElement);
  readonly #more = byId("composer-more", HTMLElement);
  readonly #timing = byId("timing", HTMLElement);
  readonly #list = new CategoryList((id) => {
    this.#choose(id);
  });
  readonly #panel = new ResultPanel({
    onChoose: (id) => {
      this.#choose(id);
      this.#list.focus(id);
    },
    onUndo: () => {
      this.#undo();
    },
  });
  readonly #session: Session;
  readonly #announcer: Announcer;
  readonly #onAdd: (task: StoredTask, shown: Prediction | null) => void;
  #state: FormState = { hasText: false, prediction: null, chosenId: null };
  #field: FieldSession | null = null;
  #typedAt = 0;
  #askedVersion: string | undefined;

  constructor(
    session: Session,
    announcer: Announcer,
    dialog: CategoryDialog,
    onAdd: (task: StoredTask, shown: Prediction | null) => void,
  ) {
    this.#session = session;
    this.#announcer = announcer;
    this.#onAdd = onAdd;
    byId("new-category", HTMLButtonElement).addEventListener("click", () => {
      dialog.ask({
        heading: "New category",
        action: "Create",
        name: "",
        take: async (name) => {
          this.#choose(await session.createCategory(name));
        },
      });
    });
    for (const input of [this.#title, this.#description]) {
      input.addEventListener("input", () => {
        this.ask();
      });
    }
    byId("task-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add();
    });
    session.onChange(() => {
      this.#render();
      // What was learnt meanwhile may change the answer to what stands in the form.
      const version = session.synch?.modelVersion;
      if (version !== this.#askedVersion && this.#state.hasText) this.ask();
    });
    this.#render();
  }

  /** Answers come from now on. */
  attach(synch: SmartSynch): void {
    this.#field = synch.openField({ pauseMs: PAUSE_MS });
    void this.#showAnswers(this.#field);
    this.ask();
  }

  /** Asks anew about what stands in the form. */
  ask(): void {
    const task = { title: this.#title.value, description: this.#description.value };
    const hasText = (task.title + task.description).trim() !== "";
    this.#state = { ...this.#state, hasText };
    if (!hasText) this.#state.prediction = null;
    this.#typedAt = performance.now();
    this.#askedVersion = this.#session.synch?.modelVersion;
    this.#field?.update(task);
    this.#render();
  }

  async #showAnswers(field: FieldSession): Promise<void> {
    for (;;) {
      try {
        for await (const prediction of field) this.#onAnswer(prediction);
        return;
      } catch {
        // One answer failed; the notices say why, and the next update is answered again.
      }
    }
  }

  #onAnswer(prediction: Prediction): void {
    if (!this.#state.hasText) return;
    const took = performance.now() - this.#typedAt;
    const tier = prediction.tier === "full" ? "Full model" : "Instant model";
    this.#timing.textContent = `${tier}, ${took.toFixed(took < 10 ? 1 : 0)} ms`;
    this.#timing.dataset["tier"] = prediction.tier;
    this.#state = { ...this.#state, prediction };
    this.#render();
  }

  #choose(categoryId: string | null): void {
    this.#state = { ...this.#state, chosenId: categoryId };
    this.#render();
  }

  /** A selection made by the page is taken away; one made by the user is left to the page again. */
  #undo(): void {
    const { state } = describeResult(this.#state, this.#session.categories.all);
    this.#choose(state === "auto" ? "" : null);
    if (state !== "auto") this.#title.focus();
  }

  #add(): void {
    const title = this.#title.value.trim();
    if (title === "") {
      this.#title.focus();
      return;
    }
    const { selectedId, state } = describeResult(this.#state, this.#session.categories.all);
    const task: StoredTask = {
      id: crypto.randomUUID(),
      title,
      description: this.#description.value.trim(),
      categoryId: selectedId,
      chosenBy: state === "auto" ? "auto" : state === "manual" ? "manual" : "none",
      done: false,
      createdMs: Date.now(),
    };
    const shown = this.#state.prediction;
    this.#title.value = "";
    this.#description.value = "";
    this.#state = { hasText: false, prediction: null, chosenId: null };
    this.ask();
    this.#title.focus();
    this.#onAdd(task, shown);
  }

  #render(): void {
    const { all } = this.#session.categories;
    const view = describeResult(this.#state, all);
    if (!this.#state.hasText) this.#timing.textContent = "";
    this.#more.hidden = view.state === "idle" && !this.#state.hasText;
    this.#list.setCategories(all);
    this.#panel.render(view);
    this.#list.select(view.selectedId, view.state === "auto");
    this.#announcer.describe(view);
  }
}
