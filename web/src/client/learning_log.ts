import { type Core, CoreTrapError } from "../core/core_module.js";
import { toError } from "../errors.js";
import type { LogStore, StoreEvents, StoreSession } from "../storage/log_store.js";
import type { Experiment, FineTuned, Logger, Notice, PersonalVersion } from "../types.js";
import type { FullTier } from "./full_tier.js";
import { VersionHistory } from "./version_history.js";

/** What a {@link LearningLog} needs of the client. */
export interface LearningHost {
  /** The loaded full tier, null when there is none. Throws after `dispose()`. */
  learner: () => FullTier | null;
  notify: (notice: Notice) => void;
  logger: Logger | undefined;
}

export type OpenStore = (events: StoreEvents) => Promise<LogStore | null>;

/**
 * The feedback log as this tab holds it. It is written here, in one order: every event goes into
 * this thread's core at once, which the instant tier answers from, into the store, and on to the
 * full tier, which embeds it. A full tier that is started later is given the whole log.
 */
export class LearningLog {
  readonly #core: Core;
  readonly #host: LearningHost;
  readonly #history = new VersionHistory();
  #store: LogStore | null = null;
  #epoch = 0;
  /**
   * The log outside of the core, which may break down, as JSON Lines: as it was read, then what came
   * since. An event that was filled in stands there twice, and the later line counts.
   */
  #lines = "";

  constructor(core: Core, host: LearningHost) {
    this.#core = core;
    this.#host = host;
    core.restore = () => {
      const latest = new Map(linesOf(this.#lines).map((line) => [sequenceOf(line), line]));
      core.loadLog([...latest.values(), ""].join("\n"));
      this.#applyVersions();
    };
  }

  /** Keeps the log in a store from now on, beginning with what is there. */
  async useStorage(open: OpenStore): Promise<void> {
    this.#store = await open({
      onFailure: (reason, error) => {
        this.#store = null;
        this.#host.notify({ kind: "storage-failed", reason, error });
      },
      onOutsideChange: () => void this.#catchUp().catch(() => undefined),
    });
    await this.#exclusive(() => Promise.resolve());
    this.#keepSnapshot().catch(() => undefined);
  }

  closeStorage(): void {
    this.#store?.close();
    this.#store = null;
  }

  /** Gives a full tier that has just been loaded what was learnt so far. */
  async bringUpToDate(): Promise<void> {
    if (this.#core.log() !== "") await this.#replaceLog();
  }

  /** Appends the event that `create` makes, where there is a store after what other tabs did. */
  async append(create: () => string): Promise<string> {
    const line = await this.#exclusive(async (session) => {
      const appended = create();
      this.#lines += `${appended}\n`;
      await session?.put(sequenceOf(appended), appended);
      return appended;
    });
    const tier = this.#host.learner();
    if (tier !== null) await this.#embed(() => tier.learn(line));
    this.#keepSnapshot().catch(() => undefined);
    return line;
  }

  /** Not waited for: without it the next visit takes longer, and knows the same. */
  async #keepSnapshot(): Promise<void> {
    // One is seldom due: to find that out nobody waits for the store.
    if (this.#store === null || !this.#core.needsSnapshot()) return;
    await this.#exclusive(async (session) => {
      if (this.#core.needsSnapshot()) await session?.keepSnapshot(this.#core.takeSnapshot());
    });
  }

  /** The base model and every fine-tuning, oldest first. */
  versions(): PersonalVersion[] {
    return this.#history.list(this.#core.info.baseVersion);
  }

  /** The last event that a fine-tuning has looked at; 0: none. */
  get taughtUpTo(): number {
    return this.#history.taughtUpTo;
  }

  /** The experiment that runs, as it stands now; counted from the log. */
  experiment(): Experiment | null {
    this.#host.learner();
    if (this.#history.experiment === null) return null;
    return this.#history.compare(this.#core.experiment(), this.#core.info.baseVersion);
  }

  /** Changes whenever the log is replaced: what was trained on the one before must not be kept. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Keeps what a fine-tuning made; when it was accepted, it answers from now on. */
  async adopt(
    made: FineTuned & { taughtUpTo: number },
    createdMs: number,
  ): Promise<PersonalVersion> {
    const { version: id, ...rest } = made;
    await this.changeHistory((history) => {
      const parent = history.stored.active || this.#core.info.baseVersion;
      history.add({ ...rest, id, parent, createdMs });
    });
    const kept = this.versions().at(-1);
    if (kept === undefined) throw new Error("the version just added is not there");
    return kept;
  }

  /** Changes which version answers, here, in the full tier and in the store. */
  async changeHistory(
    change: (history: VersionHistory, baseVersion: string) => void,
  ): Promise<void> {
    await this.#exclusive(async () => {
      change(this.#history, this.#core.info.baseVersion);
      this.#applyVersions();
      await this.#store?.writeHistory(this.#history.stored);
    });
    await this.#passVersionsOn();
  }

  /** Makes a change to the whole log; what was trained on the old one goes with it. */
  async rewrite(change: () => void): Promise<void> {
    await this.#exclusive(async (session) => {
      this.#epoch += 1;
      change();
      // Before anything else is replaced: if the core breaks down here, nothing has changed.
      this.#lines = this.#core.log();
      this.#history.replace(null);
      this.#applyVersions();
      await this.#store?.writeHistory(this.#history.stored);
      const lines = linesOf(this.#lines);
      await session?.replace(lines.map((line) => [sequenceOf(line), line] as const));
    });
    await this.#replaceLog();
  }

  async #catchUp(): Promise<void> {
    await this.#exclusive(() => Promise.resolve());
    this.#host.notify({ kind: "learnt-elsewhere" });
  }

  async #exclusive<T>(run: (session: StoreSession | null) => Promise<T>): Promise<T> {
    this.#host.learner();
    if (this.#store === null) return run(null);
    return this.#store.exclusive(async (session) => {
      if (session.outside !== null) {
        this.#history.replace((await this.#store?.readHistory()) ?? null);
        this.#takeOver(session.outside, session.snapshot ?? new Uint8Array());
      }
      return run(session);
    });
  }

  /** What other tabs wrote takes the place of what is here, which they had seen. */
  #takeOver(lines: string, snapshot: Uint8Array): void {
    this.#host.learner();
    this.#epoch += 1;
    const before = this.#lines;
    this.#lines = lines;
    try {
      this.#core.loadLogFrom(lines, snapshot);
    } catch (error) {
      // A core that broke down over them is started anew with them.
      if (!(error instanceof CoreTrapError)) {
        this.#lines = before;
        this.#store?.failAsDamaged(toError(error));
        return;
      }
    }
    this.#applyVersions();
    void this.#replaceLog();
  }

  async #replaceLog(): Promise<void> {
    const tier = this.#host.learner();
    if (tier !== null) await this.#embed(() => tier.restore(this.#core.log()));
    await this.#passVersionsOn();
  }

  /** Heads of an older base model are not used; the log is, so a new fine-tuning brings them back. */
  #applyVersions(): void {
    try {
      this.#core.useVersions(this.#history.answering);
    } catch (error) {
      this.#host.logger?.warn(`the base model answers: ${toError(error).message}`);
    }
  }

  async #passVersionsOn(): Promise<void> {
    try {
      await this.#host.learner()?.useVersions(this.#history.answering);
    } catch (error) {
      this.#host.logger?.warn(`the full tier has the base model: ${toError(error).message}`);
    }
  }

  /** The full tier may fail; what was learnt stays here, and the next full tier is given it. */
  async #embed(run: () => Promise<string>): Promise<void> {
    try {
      const lines = await run();
      this.#host.learner();
      const missing = new Set(this.#core.eventsWithoutEmbedding().map((event) => event.sequence));
      for (const line of linesOf(lines)) {
        if (!line.includes('"embedding":') || !missing.has(sequenceOf(line))) continue;
        const filled = this.#core.fillIn(line);
        this.#lines += `${filled}\n`;
        // Not waited for: the tiers know by now, and the store reports its own failures.
        void this.#store?.fillIn(sequenceOf(filled), filled);
      }
    } catch (error) {
      this.#host.logger?.warn(`the full tier did not learn: ${toError(error).message}`);
    }
  }
}

function linesOf(log: string): string[] {
  return log.split("\n").filter((line) => line !== "");
}

/** The number of the event that a line holds. */
export function sequenceOf(line: string): number {
  return (JSON.parse(line) as { sequence: number }).sequence;
}
