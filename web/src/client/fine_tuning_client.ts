import { abortable } from "../base/abort.js";
import { invalidType } from "../base/invalid_type.js";
import type { CheckedTask } from "../base/tasks.js";
import type { Core } from "../core/core_module.js";
import { SmartSynchError, toError } from "../errors.js";
import { inOneTab, storeName } from "../storage/host.js";
import type {
  CreateOptions,
  Feedback,
  FineTuneOptions,
  PersonalVersion,
  Prediction,
  Recorded,
} from "../types.js";
import { asksToSaveData } from "./full_tier_start.js";
import { IdleFineTuning } from "./idle_fine_tuning.js";
import { LearningClient } from "./learning_client.js";

/** While somebody types, the full tier is told so this often. */
const REST_EVERY_MS = 100;

interface Running {
  /** Null: another tab does it. */
  result: Promise<PersonalVersion | null>;
  /** Of every call that joined. */
  listeners: ((share: number) => void)[];
  told: number;
}

/** The methods that fine-tune and choose among versions, in page and Node. */
export abstract class FineTuningClient extends LearningClient {
  readonly #core: Core;
  readonly #storeName: string | null;
  readonly #idle: IdleFineTuning | null;
  #running: Running | null = null;

  protected constructor(core: Core, options: CreateOptions) {
    super(core, options);
    this.#core = core;
    this.#storeName = storeName(options);
    const { autoFineTune = true } = options;
    const host = { pending: () => this.#pending(), run: () => this.#runByItself() };
    this.#idle =
      autoFineTune === false
        ? null
        : new IdleFineTuning(autoFineTune === true ? {} : autoFineTune, host);
  }

  /**
   * Trains what answers on everything the user taught, in the background, with samples of the base
   * model's training so that they are not forgotten. The result answers from now on if it is better
   * on feedback that it had not seen and no worse on those samples; else it is kept as refused, with
   * the reason. It rests while predictions are asked for, and waits for the end of another tab's. A
   * second call joins the first, also one that started by itself (`autoFineTune`); its signal then
   * ends its own waiting alone.
   *
   * @throws SmartSynchError `unavailable` without the full tier or when the files cannot be fetched,
   * `invalid_argument` while there are fewer than 20 tasks with a category, `incompatible`
   * for exemplars of another model, `cancelled` when the log is replaced meanwhile (import, forgetting,
   * another tab); the signal's reason when it fires.
   * @example
   * ```ts
   * const version = await synch.fineTune({ onProgress: (share) => (bar.value = share) });
   * if (!version.accepted) console.log(version.reason);
   * ```
   */
  async fineTune(options: FineTuneOptions = {}): Promise<PersonalVersion> {
    const { signal, onProgress } = options;
    if (this.#running !== null && onProgress !== undefined)
      this.#running.listeners.push(onProgress);
    const running = this.#running?.result ?? this.#start(options, true);
    // Another tab does what this one would have begun by itself: its end is waited for.
    return (await abortable(running, signal)) ?? this.fineTune(options);
  }

  /** The base model and every fine-tuning, oldest first, refused ones with their reason. */
  versions(): PersonalVersion[] {
    this.learner();
    return this.log.versions();
  }

  /** Lets a version answer, by its id; the base model's id is `versions()[0].id`. */
  async activateVersion(id: string): Promise<void> {
    if (typeof id !== "string") throw invalidType("id", "a string", id);
    await this.log.changeHistory((history, base) => {
      history.activate(id, base);
    });
  }

  /** Back to the version that answered before. */
  async rollBack(): Promise<void> {
    await this.log.changeHistory((history) => {
      history.rollBack();
    });
  }

  override async feedback(feedback: Feedback): Promise<Recorded> {
    const recorded = await super.feedback(feedback);
    this.#idle?.taught();
    return recorded;
  }

  protected override async bringUpToDate(): Promise<void> {
    await super.bringUpToDate();
    this.#idle?.taught();
  }

  protected override closeStorage(): void {
    this.#idle?.stop();
    super.closeStorage();
  }

  /** The instant tier's answer to somebody who types. */
  protected answerNow(task: CheckedTask): Prediction {
    this.noteText();
    return this.#core.classifyInstant(task);
  }

  /** A text came that is to be answered: fine-tuning waits for a pause. */
  protected noteText(): void {
    this.#idle?.typed();
    if (this.#running === null) return;
    const now = performance.now();
    if (now - this.#running.told < REST_EVERY_MS) return;
    this.#running.told = now;
    this.learner()?.rest();
  }

  #pending(): number {
    try {
      if (this.learner() === null || asksToSaveData()) return 0;
      return this.#core.taughtSince(this.log.taughtUpTo).count;
    } catch {
      return 0; // disposed, or the core broke down
    }
  }

  async #runByItself(): Promise<"done" | "again" | "failed"> {
    if (this.#running !== null) return "again";
    try {
      return (await this.#start({}, false)) === null ? "again" : "done";
    } catch (error) {
      const isReplaced = error instanceof SmartSynchError && error.codeName === "cancelled";
      return isReplaced ? "again" : "failed";
    }
  }

  /** Null: another tab does it, and `wait` is false. */
  #start(options: FineTuneOptions, wait: boolean): Promise<PersonalVersion | null> {
    const { signal, onProgress } = options;
    const run = (): Promise<PersonalVersion> => this.#fineTune(signal);
    // What is kept in memory is this tab's own.
    const name = this.#storeName;
    const started = name === null ? run() : inOneTab(`${name} fine-tuning`, { wait, signal }, run);
    const result = started.finally(() => {
      this.#running = null;
    });
    this.#running = { result, listeners: onProgress ? [onProgress] : [], told: 0 };
    return result;
  }

  async #fineTune(signal: AbortSignal | undefined): Promise<PersonalVersion> {
    const tier = this.learner();
    if (tier === null) {
      throw new SmartSynchError("unavailable", "fine-tuning needs the full tier");
    }
    this.notify({ kind: "fine-tune-started" });
    try {
      const { epoch } = this.log;
      const { last: taughtUpTo } = this.#core.taughtSince(0);
      const made = await tier.fineTune({ signal, onProgress: this.#progress() });
      if (epoch !== this.log.epoch) {
        throw new SmartSynchError("cancelled", "what was taught has been replaced meanwhile");
      }
      const version = await this.log.adopt({ ...made, taughtUpTo }, Date.now());
      this.notify({ kind: "fine-tuned", version });
      return version;
    } catch (thrown) {
      this.notify({ kind: "fine-tune-failed", error: toError(thrown) });
      throw thrown;
    }
  }

  #progress(): (share: number) => void {
    let noticed = -1;
    return (share) => {
      for (const listener of this.#running?.listeners ?? []) listener(share);
      if (share < 1 && share < noticed + 0.01) return;
      noticed = share;
      this.notify({ kind: "fine-tune-progress", share });
    };
  }
}
