/**
 * The only file that touches the WebAssembly module: strings are made well-formed before they cross,
 * results are unwrapped into values or thrown as {@link SmartSynchError}, and the C++ object is held
 * and freed here. What comes back are copies, so nothing outside depends on the module's memory.
 * @module
 */
import type {
  CoreCachedOrPrepared,
  CoreModelInfo,
  CorePrepared,
  CoreResult,
  Session,
} from "smartsynch-core-module";

import type { AnsweringVersions } from "../base/answering_versions.js";
import type { CheckedTask } from "../base/tasks.js";
import { toWellFormed, toWellFormedJson } from "../base/well_formed.js";
import type { CacheStatistics, Category, Prediction } from "../types.js";
import type { CoreBytes, FeedbackRecord } from "./core_input.js";
import { type CoreComparison, CoreTrapError, unwrap } from "./core_result.js";
import { LiveSession } from "./live_session.js";

export { type CoreBytes, CoreTrapError, type FeedbackRecord };
type Text = [title: string, description: string];

const BASE_HEADS = new Uint8Array();

/** Everything but the ONNX graph: text handling, heads, calibration, decision, categories. */
export class Core {
  readonly #session: LiveSession;
  #info: Readonly<CoreModelInfo>;
  #inExperiment = false;

  private constructor(session: LiveSession, info: CoreModelInfo) {
    this.#session = session;
    this.#info = info;
  }

  /** Which model answers; its version changes with what is learnt. */
  get info(): Readonly<CoreModelInfo> {
    return this.#info;
  }

  /**
   * Fails with the core's own code when model, vocabulary or token table are refused. `restarts`:
   * after a breakdown, the next call finds a new core that `restore` was called for.
   */
  static async create(bytes: CoreBytes, restarts = false): Promise<Core> {
    const { live, info } = await LiveSession.start(bytes, restarts);
    return new Core(live, info);
  }

  /** Called for a core that was started anew: teaches it what the one before knew. */
  set restore(restore: () => void) {
    this.#session.restore = restore;
  }

  /** Token ids for the encoder, and whether it need be run at all. */
  prepare(task: CheckedTask): CorePrepared {
    return this.#call((s) => s.prepare(toWellFormed(task.title), toWellFormed(task.description)));
  }

  classifyInstant(task: CheckedTask): Prediction {
    return this.#callAs(task, (s, title, description) => s.classifyInstant(title, description));
  }

  /** What the full tier begins with: its remembered answer, or what to run the encoder on. */
  cachedOrPrepared(task: CheckedTask): CoreCachedOrPrepared {
    return this.#callAs(task, (s, title, description) => s.cachedOrPrepared(title, description));
  }

  cacheStatistics(): CacheStatistics {
    return this.#call((s) => s.cacheStatistics());
  }

  /** `hidden`: the encoder's output, row-major [tokens, dimension]. */
  classifyHidden(task: CheckedTask, hidden: Float32Array, tokens: number): Prediction {
    return this.#callAs(task, (s, ...text) => s.classifyHidden(...text, hidden, tokens));
  }

  /** `hidden`: row-major [tasks, sequence, dimension], each task's rows first, then padding. */
  classifyHiddenBatch(
    tasks: readonly CheckedTask[],
    hidden: Float32Array,
    sequence: number,
  ): Prediction[] {
    const wellFormed = tasks.map(({ title, description, key }) => ({
      title: toWellFormed(title),
      description: toWellFormed(description),
      ...(key !== undefined && { key: toWellFormed(key) }),
    }));
    return this.#call((s) => s.classifyHiddenBatch(wellFormed, hidden, sequence));
  }

  /** The pooled, normalised embedding of [tokens, dimension] rows. */
  embedding(hidden: Float32Array, tokens: number): Float32Array {
    return this.#call((s) => s.embedding(hidden, tokens));
  }

  categories(): Category[] {
    return this.#call((s) => s.categories());
  }

  /** By id or name; `not_found` when there is none. */
  findCategory(idOrName: string): Category {
    return this.#call((s) => s.findCategory(toWellFormed(idOrName)));
  }

  /** Appends an event to the feedback log; answers its line as it stands there. */
  record(event: FeedbackRecord): string {
    return this.#learn((s) => s.record(toWellFormedJson(event)));
  }

  addCategory(name: string, timeMs: number): Category & { line: string } {
    return this.#learn((s) => s.addCategory(toWellFormed(name), timeMs));
  }

  undo(sequence: number, timeMs: number): string {
    return this.#learn((s) => s.undo(sequence, timeMs));
  }

  /** Appends a line that another core wrote. */
  recordLine(line: string): string {
    return this.#learn((s) => s.record(line));
  }

  /** Gives an event its embedding: `hidden` is the encoder's output for its text. */
  embedEvent(sequence: number, hidden: Float32Array, tokens: number): string {
    return this.#learn((s) => s.embedEvent(sequence, hidden, tokens));
  }

  /** The same from the line that another core wrote. */
  fillIn(line: string): string {
    return this.#learn((s) => s.fillIn(line));
  }

  eventsWithoutEmbedding(): (CheckedTask & { sequence: number })[] {
    return this.#call((s) => s.eventsWithoutEmbedding());
  }

  /** The feedback log as JSON Lines. */
  log(): string {
    return this.#call((s) => s.log());
  }

  loadLog(lines: string): void {
    this.#learn((s) => s.loadLog(lines));
  }

  /** The same from a snapshot of a part of it, where that fits; answers whether it did. */
  loadLogFrom(lines: string, snapshot: Uint8Array): boolean {
    return this.#learn((s) => s.loadLogFrom(lines, snapshot));
  }

  /** Whether enough came since the latest snapshot for another one. */
  needsSnapshot(): boolean {
    return this.#call((s) => s.needsSnapshot());
  }

  /** What the log has come to so far, for a later `loadLogFrom`. */
  takeSnapshot(): Uint8Array {
    return this.#call((s) => s.takeSnapshot());
  }

  exportUserData(): string {
    return this.#call((s) => s.exportUserData());
  }

  importUserData(text: string): void {
    this.#learn((s) => s.importUserData(toWellFormed(text)));
  }

  forgetTask(taskId: string): number {
    return this.#learn((s) => s.forgetTask(toWellFormed(taskId)));
  }

  /** What a fine-tuning on the log as it is works with (fine_tune_module.ts). */
  fineTuneTask(): Uint8Array {
    return this.#call((s) => s.fineTuneTask());
  }

  /** Steps about a task after the one of this number, and the number of the log's last step. */
  taughtSince(sequence: number): { count: number; last: number } {
    return this.#call((s) => s.taughtSince(sequence));
  }

  /** Lets these versions answer; where they do not fit, the base model does. */
  useVersions({ heads, experiment, challengerHeads }: AnsweringVersions): void {
    this.#learn((s) => s.useExperiment(null, BASE_HEADS));
    this.#inExperiment = false;
    this.#learn((s) => s.useHeads(BASE_HEADS));
    if (heads.length > 0) this.#learn((s) => s.useHeads(heads));
    if (experiment === null) return;
    const running = { ...experiment, id: toWellFormed(experiment.id) };
    this.#learn((s) => s.useExperiment(running, challengerHeads));
    this.#inExperiment = true;
  }

  /** The comparison so far; null while no experiment runs. */
  experiment(): CoreComparison | null {
    return this.#call((s) => s.experiment());
  }

  /** Frees the C++ object; safe to call twice. */
  dispose(): void {
    this.#session.end();
  }

  #learn<T>(run: (session: Session) => CoreResult<T>): T {
    const value = this.#call(run);
    this.#info = this.#call((s) => s.modelInfo());
    return value;
  }

  /** The arm whose turn the task is answers. */
  #callAs<T>(task: CheckedTask, run: (s: Session, ...text: Text) => CoreResult<T>): T {
    const text: Text = [toWellFormed(task.title), toWellFormed(task.description)];
    return this.#call((s) => {
      if (this.#inExperiment) unwrap(s.chooseArm(...text, toWellFormed(task.key ?? "")));
      return run(s, ...text);
    });
  }

  #call<T>(run: (session: Session) => CoreResult<T>): T {
    return this.#session.call(run);
  }
}
