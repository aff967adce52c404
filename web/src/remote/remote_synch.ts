import { anySignal } from "../base/abort.js";
import { checkOptions } from "../base/options.js";
import { type CheckedTask, checkTask, checkTasks } from "../base/tasks.js";
import { TypingSession } from "../base/typing_session.js";
import { disposedError } from "../errors.js";
import type {
  BatchOptions,
  Category,
  Feedback,
  FieldOptions,
  FieldSession,
  Prediction,
  PredictOptions,
  Recorded,
  Task,
  Tier,
} from "../types.js";
import {
  readCategories,
  readCategory,
  readPrediction,
  readRow,
  readSequence,
  unexpected,
} from "./answers.js";
import { type Call, HttpCaller } from "./http_caller.js";
import { type CheckedOptions, checkRemoteOptions, type RemoteOptions } from "./options.js";

/** Options of `RemoteSynch.feedback`. */
export interface RemoteFeedbackOptions extends PredictOptions {
  /**
   * Under the same key the server keeps the same feedback once, however often it is sent: 1 to 200
   * visible ASCII letters. Default: a new random one.
   */
  idempotencyKey?: string | undefined;
}

/**
 * A SmartSynch server with the interface of the local `SmartSynch`: nothing is loaded here, the text
 * goes to the server.
 *
 * @example
 * ```ts
 * const synch = await RemoteSynch.create({ baseUrl: "https://tasks.example/smartsynch/" });
 * const { decision, category } = await synch.predict({ title: "Fix login crash" });
 * ```
 */
export class RemoteSynch {
  readonly #options: CheckedOptions;
  readonly #caller: HttpCaller;
  readonly #disposed = new AbortController();
  readonly #fields = new Set<FieldSession>();
  #known: { modelVersion: string; categories: Category[] } = { modelVersion: "", categories: [] };

  private constructor(options: CheckedOptions) {
    this.#options = options;
    this.#caller = new HttpCaller(options);
  }

  /** Asks the server for its categories, so a wrong address fails here. */
  static async create(options: RemoteOptions): Promise<RemoteSynch> {
    const checked = checkRemoteOptions(options);
    checkOptions({ signal: options.signal });
    const synch = new RemoteSynch(checked);
    await synch.refresh({ signal: options.signal });
    return synch;
  }

  /** The version that gave the latest answer; the server may have activated another since. */
  get modelVersion(): string {
    return this.#known.modelVersion;
  }

  /** The categories as the server last told them; `refresh()` asks again. */
  categories(): Category[] {
    return structuredClone(this.#known.categories);
  }

  /** Asks for the categories of the model that is active now. */
  async refresh({ signal }: PredictOptions = {}): Promise<Category[]> {
    const path = "v1/categories";
    const value = await this.#call({ method: "GET", path, signal });
    this.#known = readCategories(value, this.#url(path));
    return this.categories();
  }

  /**
   * As the local `openField`: every update asks the server's instant tier, and when typing pauses, or
   * the instant tier is unsure, its full one; a newer update ends the requests of the one before.
   * With the option `tier` only that tier is asked.
   */
  openField(options: FieldOptions = {}): FieldSession {
    checkOptions(options);
    this.#disposed.signal.throwIfAborted();
    const { tier } = this.#options;
    const session: FieldSession = new TypingSession(
      {
        instant: (task, signal) => (tier === "full" ? null : this.#ask(task, "instant", signal)),
        full: async (task, signal) =>
          tier === "instant" ? null : await this.#ask(task, "full", signal),
        onClose: () => {
          this.#fields.delete(session);
        },
      },
      options,
    );
    this.#fields.add(session);
    return session;
  }

  /** As the local `predict`. Rejects with a {@link RemoteError} when the server does not answer. */
  async predict(task: Task, options: PredictOptions = {}): Promise<Prediction> {
    const checked = checkTask(task);
    checkOptions(options);
    return this.#ask(checked, this.#options.tier, options.signal);
  }

  /** As the local `predictBatch`, `batchSize` tasks a request, one request after the other. */
  async predictBatch(tasks: readonly Task[], options: BatchOptions = {}): Promise<Prediction[]> {
    const checked = checkTasks(tasks);
    checkOptions(options);
    const path =
      this.#options.tier === undefined ? "v1/batch" : `v1/batch?tier=${this.#options.tier}`;
    const url = this.#url(path);
    const predictions: Prediction[] = [];
    while (predictions.length < checked.length) {
      const from = predictions.length;
      const body = checked.slice(from, from + this.#options.batchSize);
      const rows = await this.#call({ method: "POST", path, body, signal: options.signal });
      if (!Array.isArray(rows) || rows.length !== body.length) {
        throw unexpected(`${String(body.length)} predictions`, url);
      }
      predictions.push(...rows.map((row: unknown, at) => readRow(row, from + at, url)));
      options.onProgress?.(predictions.length, checked.length);
    }
    const last = predictions.at(-1);
    if (last !== undefined) this.#noted(last);
    return predictions;
  }

  /**
   * Tells the server what a task's category was; it is stored for good once this resolves, exactly
   * once however often it had to be sent. `sequence` is 0 while the server's own store is away.
   */
  async feedback(feedback: Feedback, options: RemoteFeedbackOptions = {}): Promise<Recorded> {
    const task = checkTask(feedback, "feedback");
    checkOptions(options);
    const { category, kind, taskId, shown } = feedback;
    const { user } = this.#options;
    const path = "v1/feedback";
    const value = await this.#call({
      method: "POST",
      path,
      body: {
        ...task,
        category,
        kind: kind ?? "changed",
        ...(taskId === undefined ? {} : { taskId }),
        ...(shown === undefined ? {} : shownFields(shown)),
        ...(user === undefined ? {} : { user }),
        time: Date.now(),
      },
      headers: { "idempotency-key": options.idempotencyKey ?? crypto.randomUUID() },
      signal: options.signal,
    });
    return { sequence: readSequence(value, this.#url(path)) };
  }

  /**
   * Adds a category for all users of the server, which asks for a key of administration; one whose
   * name differs at most in case, accents and spacing is given back as it is. Feedback may name it at
   * once, predictions do when the server has learnt it.
   */
  async addCategory({ name }: { name: string }): Promise<Category> {
    return this.#changeCategories({ method: "POST", path: "v1/categories", body: { name } });
  }

  /** Gives the category with this id another name, for all users of the server. */
  async renameCategory(id: string, name: string): Promise<Category> {
    return this.#changeCategories({ method: "POST", path: pathOf(id, "/rename"), body: { name } });
  }

  /** Makes a category part of another, for all users of the server; ids. Gives the other one. */
  async mergeCategories(id: string, into: string): Promise<Category> {
    return this.#changeCategories({ method: "POST", path: pathOf(id, "/merge"), body: { into } });
  }

  /** Removes the category with this id, for all users of the server. */
  async removeCategory(id: string): Promise<void> {
    await this.#changeCategories({ method: "DELETE", path: pathOf(id, "") });
  }

  /** Rejects pending calls, ends sessions; safe to call twice. */
  dispose(): void {
    for (const field of this.#fields) field.close();
    this.#disposed.abort(disposedError());
  }

  async #changeCategories(call: Call): Promise<Category> {
    const category = readCategory(await this.#call(call), this.#url(call.path));
    await this.refresh();
    return category;
  }

  async #ask(
    { title, description }: CheckedTask,
    tier: Tier | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Prediction> {
    const { user } = this.#options;
    const body = {
      ...{ title, description },
      ...(tier === undefined ? {} : { tier }),
      ...(user === undefined ? {} : { user }),
    };
    const path = "v1/predict";
    const value = await this.#call({ method: "POST", path, body, signal });
    return this.#noted(readPrediction(value, this.#url(path)));
  }

  async #call(call: Call): Promise<unknown> {
    return this.#caller.call({ ...call, signal: anySignal(call.signal, this.#disposed.signal) });
  }

  #url(path: string): string {
    return new URL(path, this.#options.baseUrl).href;
  }

  #noted(prediction: Prediction): Prediction {
    this.#known = { ...this.#known, modelVersion: prediction.modelVersion };
    return prediction;
  }
}

function pathOf(id: string, what: string): string {
  return `v1/categories/${encodeURIComponent(id)}${what}`;
}

function shownFields(shown: Prediction): Record<string, unknown> {
  return {
    modelVersion: shown.modelVersion,
    tier: shown.tier,
    suggestions: shown.suggestions.map(({ categoryId, confidence }) => ({
      categoryId,
      confidence,
    })),
  };
}
