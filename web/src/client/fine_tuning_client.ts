import { invalidType } from "../base/invalid_type.js";
import type { Core } from "../core/core_module.js";
import { SmartSynchError } from "../errors.js";
import type { CreateOptions, FineTuneOptions, PersonalVersion } from "../types.js";
import { LearningClient } from "./learning_client.js";

/** What `create` was given, and how this host gets the base model's exemplar file. */
export interface ClientOptions extends CreateOptions {
  loadExemplars?: ((signal?: AbortSignal) => Promise<Uint8Array>) | undefined;
}

/** The methods that fine-tune and choose among versions, in page and Node. */
export abstract class FineTuningClient extends LearningClient {
  readonly #loadExemplars: ClientOptions["loadExemplars"];
  #fineTuning: Promise<PersonalVersion> | null = null;

  protected constructor(core: Core, options: ClientOptions) {
    super(core, options);
    this.#loadExemplars = options.loadExemplars;
  }

  /**
   * Trains what answers on everything the user taught, in the background, with samples of the base
   * model's training so that they are not forgotten. The result answers from now on if it is better
   * on feedback that it had not seen and no worse on those samples; else it is kept as refused, with
   * the reason. It rests while predictions are asked for. A second call joins the first.
   *
   * @throws SmartSynchError `unavailable` without the full tier or when the exemplars cannot be
   * fetched, `invalid_argument` while there are fewer than 20 tasks with a category, `incompatible`
   * for exemplars of another model, `cancelled` when the log is replaced meanwhile (import, forgetting,
   * another tab); the signal's reason when it fires.
   * @example
   * ```ts
   * const version = await synch.fineTune({ onProgress: (share) => (bar.value = share) });
   * if (!version.accepted) console.log(version.reason);
   * ```
   */
  fineTune(options: FineTuneOptions = {}): Promise<PersonalVersion> {
    this.#fineTuning ??= this.#fineTune(options).finally(() => {
      this.#fineTuning = null;
    });
    return this.#fineTuning;
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

  async #fineTune(options: FineTuneOptions): Promise<PersonalVersion> {
    const tier = this.learner();
    if (tier === null) {
      throw new SmartSynchError("unavailable", "fine-tuning needs the full tier");
    }
    const load = this.#loadExemplars;
    if (load === undefined) {
      throw new SmartSynchError("unavailable", "this instance knows no exemplars", "exemplarsUrl");
    }
    const exemplars = await load(options.signal);
    const { epoch } = this.log;
    const made = await tier.fineTune(exemplars, options);
    if (epoch !== this.log.epoch) {
      throw new SmartSynchError("cancelled", "what was taught has been replaced meanwhile");
    }
    const version = await this.log.adopt(made, Date.now());
    this.notify({ kind: "fine-tuned", version });
    return version;
  }
}
