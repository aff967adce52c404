import { checkTask } from "../base/tasks.js";
import { invalidType } from "../base/invalid_type.js";
import type { Core, FeedbackRecord } from "../core/core_module.js";
import { SmartSynchError } from "../errors.js";
import type { Category, CreateOptions, Feedback, Notice, Prediction, Recorded } from "../types.js";
import type { FullTier } from "./full_tier.js";
import { LearningLog, type OpenStore, sequenceOf } from "./learning_log.js";

const KINDS = ["changed", "accepted", "rejected"];

/** The methods that learn, in page and Node. */
export abstract class LearningClient {
  readonly #core: Core;
  readonly #log: LearningLog;

  protected constructor(core: Core, options: Pick<CreateOptions, "logger">) {
    this.#core = core;
    this.#log = new LearningLog(core, {
      learner: () => this.learner(),
      notify: (notice) => {
        this.notify(notice);
      },
      logger: options.logger,
    });
  }

  /** The loaded full tier, null when there is none. Throws after `dispose()`. */
  protected abstract learner(): FullTier | null;

  protected abstract notify(notice: Notice): void;

  /** The model's categories and the user's own, without those removed or merged. */
  categories(): Category[] {
    this.learner();
    return this.#core.categories();
  }

  /**
   * Learns what the user decided about a task. When this resolves, both tiers know it.
   *
   * @throws SmartSynchError `not_found` for a category that does not exist, `invalid_argument` for a
   * task without a word.
   * @example
   * ```ts
   * await synch.addCategory({ name: "Home" });
   * const step = await synch.feedback({ title: "Water the plants", category: "Home" });
   * await synch.undo(step);
   * ```
   */
  async feedback(feedback: Feedback): Promise<Recorded> {
    const { title, description } = checkTask(feedback, "feedback");
    const { category, kind = "changed", taskId = "", shown } = feedback;
    checkString(category, "category");
    checkString(taskId, "taskId");
    if (!KINDS.includes(kind)) {
      throw new SmartSynchError("invalid_argument", `kind is not one of ${KINDS.join()}`, "kind");
    }
    return this.#record(() => ({
      kind,
      title,
      description,
      category_id: this.#idOf(category),
      task_id: taskId,
      ...(shown === undefined ? { model_version: this.#core.info.modelVersion } : toShown(shown)),
    }));
  }

  /**
   * Adds a category. It is suggested from its first example on (`feedback`).
   *
   * @throws SmartSynchError `invalid_argument` for a blank name, `already_exists` for a name that
   * differs from another only in case, accents or spacing.
   */
  async addCategory(category: { name: string }): Promise<Category> {
    const name = (category as { name?: unknown } | null | undefined)?.name;
    checkString(name, "name");
    const added = { id: "", name };
    await this.#log.append(() => {
      const { line, ...category } = this.#core.addCategory(name, Date.now());
      Object.assign(added, category);
      return line;
    });
    return added;
  }

  /** Gives a category another name; its id stays. */
  async renameCategory(category: string, name: string): Promise<Recorded> {
    checkString(name, "name");
    const renamed = name.trim();
    return this.#record(() => ({
      kind: "category_renamed",
      category_id: this.#idOf(category),
      name: renamed === "" ? " " : renamed,
    }));
  }

  /**
   * Gives a category a colour, "#rrggbb"; null takes it away. It is kept, exported and shown by the
   * picker, and changes no prediction.
   *
   * @throws SmartSynchError `invalid_argument`, field `colour`, for anything else.
   */
  async recolourCategory(category: string, colour: string | null): Promise<Recorded> {
    if (colour !== null) checkColour(colour);
    return this.#record(() => ({
      kind: "category_recoloured",
      category_id: this.#idOf(category),
      colour: colour?.toLowerCase() ?? "",
    }));
  }

  /** Makes `category` a part of `into`, with all that was learnt of it. */
  async mergeCategories(category: string, into: string): Promise<Recorded> {
    return this.#record(() => ({
      kind: "category_merged",
      category_id: this.#idOf(category),
      target_id: this.#idOf(into),
    }));
  }

  /** Removes a category, one of the model's as well; the last one cannot be removed. */
  async removeCategory(category: string): Promise<Recorded> {
    return this.#record(() => ({
      kind: "category_removed",
      category_id: this.#idOf(category),
    }));
  }

  /** Takes a step back, as if it had never been; later steps stay. */
  async undo(step: Recorded): Promise<void> {
    const sequence = (step as { sequence?: unknown } | null | undefined)?.sequence;
    if (typeof sequence !== "number") throw invalidType("step.sequence", "a number", sequence);
    await this.#log.append(() => this.#core.undo(sequence, Date.now()));
  }

  /** Everything the user taught, as the text of a `user_data.json`. */
  exportUserData(): string {
    this.learner();
    return this.#core.exportUserData();
  }

  /**
   * Replaces everything learnt by what {@link exportUserData} wrote.
   * @throws SmartSynchError `invalid_data` naming the field; then nothing has changed.
   */
  async importUserData(text: string): Promise<void> {
    checkString(text, "text");
    await this.#log.rewrite(() => {
      this.#core.importUserData(text);
    });
  }

  /** Takes out everything about a task, text and all, for good; answers how many steps went. */
  async forgetTask(taskId: string): Promise<number> {
    checkString(taskId, "taskId");
    let removed = 0;
    await this.#log.rewrite(() => {
      removed = this.#core.forgetTask(taskId);
    });
    return removed;
  }

  /** Takes out everything that was learnt, for good. */
  async forgetEverything(): Promise<void> {
    await this.#log.rewrite(() => {
      this.#core.loadLog("");
    });
  }

  protected get log(): LearningLog {
    return this.#log;
  }

  /** Keeps the log in a store from now on, beginning with what is there. */
  protected useStorage(open: OpenStore): Promise<void> {
    return this.#log.useStorage(open);
  }

  protected closeStorage(): void {
    this.#log.closeStorage();
  }

  /** Gives a full tier that has just been loaded what was learnt so far; then it may answer. */
  protected bringUpToDate(): Promise<void> {
    return this.#log.bringUpToDate();
  }

  #idOf(category: unknown): string {
    checkString(category, "category");
    this.learner();
    return this.#core.findCategory(category).id;
  }

  async #record(event: () => Omit<FeedbackRecord, "time_ms">): Promise<Recorded> {
    const line = await this.#log.append(() =>
      this.#core.record({ ...event(), time_ms: Date.now() } as FeedbackRecord),
    );
    return { sequence: sequenceOf(line) };
  }
}

function checkColour(value: unknown): void {
  checkString(value, "colour");
  if (/^#[\da-f]{6}$/i.test(value)) return;
  throw new SmartSynchError("invalid_argument", `"${value}" is no colour like #1a2b3c`, "colour");
}

function checkString(value: unknown, field: string): asserts value is string {
  if (typeof value !== "string") throw invalidType(field, "a string", value);
}

function toShown({
  modelVersion,
  tier,
  suggestions,
  experiment,
}: Prediction): Record<string, unknown> {
  const shown = suggestions.map(({ categoryId, confidence }) => ({
    category_id: categoryId,
    confidence,
  }));
  return {
    model_version: modelVersion,
    tier,
    ...(shown.length > 0 && { shown }),
    ...(experiment !== undefined && { experiment_id: experiment.id, arm: experiment.arm }),
  };
}
