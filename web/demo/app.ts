// The demo's entry: joins the form, SmartSynch and the views.
import {
  type FieldSession,
  type LoadProgress,
  type Notice,
  type Prediction,
  SmartSynch,
} from "../src/index.js";
import { Announcer } from "./announcer.js";
import { Categories } from "./categories.js";
import { keepForOffline } from "./offline.js";
import { describeResult, type FormState, sentence } from "./model.js";
import { CategoryDialog } from "./view/category_dialog.js";
import { CategoryList } from "./view/category_list.js";
import { byId } from "./view/dom.js";
import { ErrorBanner } from "./view/error_banner.js";
import { LoadingBar } from "./view/loading_bar.js";
import { ResultPanel } from "./view/result_panel.js";
import { TaskList } from "./view/task_list.js";

/** Milliseconds without a keystroke before the full tier is asked. */
const PAUSE_MS = 120;

class Demo {
  readonly #title = byId("title", HTMLInputElement);
  readonly #description = byId("description", HTMLTextAreaElement);
  readonly #timing = byId("timing", HTMLElement);
  readonly #categories = new Categories();
  readonly #announcer = new Announcer();
  readonly #banner = new ErrorBanner();
  readonly #loading = new LoadingBar();
  readonly #tasks = new TaskList();
  readonly #list = new CategoryList((id) => {
    this.#choose(id);
  });
  readonly #panel = new ResultPanel({
    onChoose: (id) => {
      this.#choose(id);
      this.#list.focus(id);
    },
    onUndo: () => {
      this.#choose(null);
      this.#title.focus();
    },
  });
  #state: FormState = { hasText: false, prediction: null, chosenId: null };
  #synch: SmartSynch | null = null;
  #field: FieldSession | null = null;
  #typedAt = 0;

  constructor() {
    new CategoryDialog(async (name) => {
      const { id } = await this.#categories.create(name);
      this.#list.setCategories(this.#categories.all);
      this.#choose(id);
    });
    for (const input of [this.#title, this.#description]) {
      input.addEventListener("input", () => {
        this.#onInput();
      });
    }
    byId("task-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#addTask();
    });
    this.#list.setCategories(this.#categories.all);
    this.#render();
  }

  async start(): Promise<void> {
    try {
      const synch = await SmartSynch.create({
        onProgress: (progress) => {
          this.#onProgress(progress);
        },
        onNotice: (notice) => {
          this.#onNotice(notice);
        },
      });
      this.#synch = synch;
      await this.#categories.attach(synch);
      this.#list.setCategories(this.#categories.all);
      this.#field = synch.openField({ pauseMs: PAUSE_MS });
      void this.#showAnswers(this.#field);
      this.#onInput();
      if (synch.fullTier.status === "waiting") this.#offerFullTier(synch);
      keepForOffline();
    } catch (error) {
      this.#loading.hide();
      this.#banner.show(
        `${sentence(error)}. You can still choose a category yourself.`,
        () => void this.start(),
      );
    }
  }

  /** The browser asks to save data, so the large files come when the user wants them. */
  #offerFullTier(synch: SmartSynch): void {
    this.#loading.offer(() => void synch.retryFullTier());
  }

  #onProgress(progress: LoadProgress): void {
    this.#loading.show(progress);
  }

  #onNotice(notice: Notice): void {
    switch (notice.kind) {
      case "full-tier-ready":
        this.#loading.hide();
        this.#banner.hide();
        if (this.#state.hasText) this.#onInput();
        break;
      case "full-tier-failed":
        this.#loading.hide();
        this.#banner.show(
          `${sentence(notice.error)}. The instant model goes on without the full one.`,
          () => void this.#synch?.retryFullTier(),
        );
        break;
      case "worker-restarted":
        break;
    }
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

  #onInput(): void {
    const task = { title: this.#title.value, description: this.#description.value };
    const hasText = (task.title + task.description).trim() !== "";
    this.#state = { ...this.#state, hasText };
    if (!hasText) this.#state.prediction = null;
    this.#typedAt = performance.now();
    this.#field?.update(task);
    this.#render();
  }

  #onAnswer(prediction: Prediction): void {
    if (!this.#state.hasText) return;
    const took = performance.now() - this.#typedAt;
    const tier = prediction.tier === "full" ? "Full model" : "Instant model";
    this.#timing.textContent = `${tier}, ${took.toFixed(took < 10 ? 1 : 0)} ms after the last letter`;
    this.#timing.dataset["tier"] = prediction.tier;
    this.#state = { ...this.#state, prediction };
    this.#render();
  }

  #choose(categoryId: string | null): void {
    this.#state = { ...this.#state, chosenId: categoryId };
    this.#render();
  }

  #addTask(): void {
    const title = this.#title.value.trim();
    if (title === "") {
      this.#title.focus();
      return;
    }
    const { selectedId } = describeResult(this.#state, this.#categories.all);
    this.#tasks.add(title, this.#categories.nameOf(selectedId));
    this.#announcer.say(`Task added: ${title}`);
    this.#title.value = "";
    this.#description.value = "";
    this.#state = { hasText: false, prediction: null, chosenId: null };
    this.#onInput();
    this.#title.focus();
  }

  #render(): void {
    const view = describeResult(this.#state, this.#categories.all);
    if (!this.#state.hasText) this.#timing.textContent = "";
    this.#panel.render(view);
    this.#list.select(view.selectedId, view.state === "auto");
    this.#announcer.describe(view);
  }
}

void new Demo().start();
