import { abortable, anySignal } from "../base/abort.js";
import { checkOptions } from "../base/options.js";
import { type CheckedTask, checkKeyedTask, checkTasks } from "../base/tasks.js";
import { TypingSession } from "../base/typing_session.js";
import type { Core } from "../core/core_module.js";
import { disposedError, toError } from "../errors.js";
import type {
  BatchOptions,
  CacheStatistics,
  CreateOptions,
  FieldOptions,
  FieldSession,
  FullTierState,
  Notice,
  Prediction,
  PredictOptions,
  Task,
} from "../types.js";
import { ExperimentClient } from "./experiment_client.js";
import type { FullTier, LoadFullTier } from "./full_tier.js";
import { fullTierStart } from "./full_tier_start.js";

/** How often in a row a full tier that breaks down is started anew without being asked. */
const MAX_RESTARTS = 2;

/** What page and Node have in common: all methods of `SmartSynch`. */
export class SmartSynchClient extends ExperimentClient {
  readonly #core: Core;
  readonly #loadFullTier: LoadFullTier | null;
  readonly #options: Pick<CreateOptions, "onNotice" | "logger">;
  readonly #disposed = new AbortController();
  readonly #fields = new Set<FieldSession>();
  #state: FullTierState = { status: "off" };
  #fullTier: FullTier | null = null;
  #loading: Promise<void> = Promise.resolve();
  #restarts = 0;

  /** Made by `SmartSynch.create`. */
  protected constructor(core: Core, loadFullTier: LoadFullTier | null, options: CreateOptions) {
    super(core, options);
    this.#core = core;
    this.#loadFullTier = loadFullTier;
    this.#options = options;
    if (loadFullTier !== null && fullTierStart(options) === "later") {
      this.#state = { status: "waiting" };
    } else {
      this.#startFullTier(options.signal);
    }
  }

  /** The model that answers: the first 16 hexadecimal digits of its file's SHA-256. */
  get modelVersion(): string {
    return this.#core.info.modelVersion;
  }

  /** Where the full tier stands now. */
  get fullTier(): FullTierState {
    return this.#state;
  }

  /** Waits until loading the full tier has ended, well or badly; never rejects. */
  async ready(): Promise<FullTierState> {
    await this.#loading;
    return this.#state;
  }

  /**
   * Loads the full tier after it failed, or when it waits to be asked for (`fullTier`); does nothing
   * in any other state.
   */
  retryFullTier(): Promise<FullTierState> {
    const { status } = this.#state;
    if ((status === "failed" || status === "waiting") && !this.#disposed.signal.aborted) {
      this.#restarts = 0;
      this.#startFullTier();
    }
    return this.ready();
  }

  /**
   * The best answer there is: waits for the full tier while it loads; without one, the instant tier
   * answers (`prediction.tier` says which it was).
   *
   * @throws SmartSynchError `invalid_argument` for a task without title; the signal's reason when it
   * fires; `cancelled` after `dispose()`.
   * @example
   * ```ts
   * const { decision, category, suggestions } = await synch.predict({ title: "Fix login crash" });
   * ```
   */
  async predict(task: Task, options: PredictOptions = {}): Promise<Prediction> {
    const checked = checkKeyedTask(task);
    checkOptions(options);
    const { signal } = options;
    this.noteText();
    const fullTier = await this.#whenLoaded(signal);
    if (fullTier === null) return this.#core.classifyInstant(checked);
    const prediction = await fullTier.predict(checked, signal);
    this.#restarts = 0;
    return prediction;
  }

  /**
   * The instant tier's answer, at once.
   *
   * @example
   * ```ts
   * input.oninput = () => show(synch.predictInstant({ title: input.value }));
   * ```
   */
  predictInstant(task: Task): Prediction {
    const checked = checkKeyedTask(task);
    this.#checkOpen();
    return this.answerNow(checked);
  }

  /**
   * Answers many tasks, in their order. Calls of `predict` made meanwhile do not wait for the end.
   *
   * @example
   * ```ts
   * const predictions = await synch.predictBatch(tasks, {
   *   onProgress: (done, total) => (bar.value = done / total),
   * });
   * ```
   */
  async predictBatch(tasks: readonly Task[], options: BatchOptions = {}): Promise<Prediction[]> {
    const checked = checkTasks(tasks, checkKeyedTask);
    checkOptions(options);
    const fullTier = await this.#whenLoaded(options.signal);
    if (fullTier !== null) return fullTier.predictBatch(checked, options);
    const predictions = checked.map((task) => this.#core.classifyInstant(task));
    options.onProgress?.(checked.length, checked.length);
    return predictions;
  }

  /**
   * Opens a typing session: every update is answered at once by the instant tier and, when typing
   * pauses or the instant tier is unsure, by the full one; the latest update wins. If an answer
   * fails, the iteration throws; the session stays open and can be iterated again. Leaving the loop
   * closes it.
   */
  openField(options: FieldOptions = {}): FieldSession {
    checkOptions(options);
    this.#checkOpen();
    const session: FieldSession = new TypingSession(
      {
        instant: (task) => this.answerNow(task),
        full: (task, signal) => this.#predictFull(task, signal),
        onClose: () => {
          this.#fields.delete(session);
        },
      },
      options,
    );
    this.#fields.add(session);
    return session;
  }

  /** What the cache of the full tier's predictions does (`cacheBytes`); null without full tier. */
  async cacheStatistics(): Promise<CacheStatistics | null> {
    return (await this.learner()?.cacheStatistics()) ?? null;
  }

  /** Frees everything; pending calls reject with `cancelled`, sessions end. Safe to call twice. */
  dispose(): void {
    if (this.#disposed.signal.aborted) return;
    this.#disposed.abort(disposedError());
    for (const field of this.#fields) field.close();
    this.#fullTier?.dispose();
    this.#fullTier = null;
    this.closeStorage();
    this.#core.dispose();
  }

  protected override learner(): FullTier | null {
    this.#checkOpen();
    return this.#fullTier;
  }

  #checkOpen(): void {
    if (this.#disposed.signal.aborted) throw disposedError();
  }

  /** The loaded full tier, null when there is none. */
  async #whenLoaded(signal?: AbortSignal): Promise<FullTier | null> {
    this.#checkOpen();
    await abortable(this.#loading, signal);
    this.#checkOpen();
    return this.#fullTier;
  }

  async #predictFull(task: CheckedTask, signal: AbortSignal): Promise<Prediction | null> {
    const fullTier = await this.#whenLoaded(signal);
    return fullTier === null ? null : fullTier.predict(task, signal);
  }

  /** The signal of `create` is for the first loading: a time limit must not end later restarts. */
  #startFullTier(createSignal?: AbortSignal): void {
    if (this.#loadFullTier === null) return;
    this.#state = { status: "loading" };
    this.#loading = this.#load(this.#loadFullTier, createSignal);
  }

  async #load(loadFullTier: LoadFullTier, createSignal?: AbortSignal): Promise<void> {
    const signal = anySignal(createSignal, this.#disposed.signal);
    const onBreakdown = (error: Error): void => {
      this.#restart(error);
    };
    try {
      signal.throwIfAborted();
      const loading = loadFullTier(signal, { onBreakdown });
      // When the signal fires first, what arrives late must not be left running.
      loading.then(
        (late) => {
          if (signal.aborted) late.dispose();
        },
        () => undefined,
      );
      this.#fullTier = await abortable(loading, signal);
      await this.bringUpToDate();
      this.#state = { status: "ready", threads: this.#fullTier.threads };
      this.notify({ kind: "full-tier-ready" });
    } catch (thrown) {
      const error = toError(thrown);
      this.#state = { status: "failed", error };
      if (!this.#disposed.signal.aborted) this.notify({ kind: "full-tier-failed", error });
    }
  }

  #restart(error: Error): void {
    this.#fullTier = null;
    if (this.#disposed.signal.aborted) return;
    if (this.#restarts >= MAX_RESTARTS) {
      this.#state = { status: "failed", error };
      this.notify({ kind: "full-tier-failed", error });
      return;
    }
    this.#restarts += 1;
    this.#startFullTier();
    this.notify({ kind: "worker-restarted", error });
  }

  protected override notify(notice: Notice): void {
    if ("error" in notice) this.#options.logger?.warn(`${notice.kind}: ${notice.error.message}`);
    else this.#options.logger?.debug(notice.kind);
    // Later, so that a callback that throws does not disturb what is going on here.
    queueMicrotask(() => this.#options.onNotice?.(notice));
  }
}
