/**
 * The only file that touches the WebAssembly module: strings are made well-formed before they cross,
 * results are unwrapped into values or thrown as {@link SmartSynchError}, and the C++ object is held
 * and freed here. What comes back are copies, so nothing outside depends on the module's memory.
 * @module
 */
import type { CoreModelInfo, CorePrepared, CoreResult, Session } from "smartsynch-core-module";

import { yieldToEvents } from "../base/serial_queue.js";
import type { CheckedTask } from "../base/tasks.js";
import { toWellFormed, toWellFormedJson } from "../base/well_formed.js";
import { disposedError, SmartSynchError } from "../errors.js";
import type { CacheStatistics, Category, Prediction } from "../types.js";
import type { CoreBytes, FeedbackRecord } from "./core_input.js";
import { type CoreComparison, type CoreExperiment, CoreTrapError, unwrap } from "./core_result.js";
import { instantiate } from "./instantiate.js";

export { type CoreBytes, CoreTrapError, type FeedbackRecord };

/** Everything but the ONNX graph: text handling, heads, calibration, decision, categories. */
export class Core {
  #info: Readonly<CoreModelInfo>;
  #session: Session | null;
  #broken: CoreTrapError | null = null;
  #inExperiment = false;

  private constructor(session: Session, info: CoreModelInfo) {
    this.#session = session;
    this.#info = info;
  }

  /** Which model answers; its version changes with what is learnt. */
  get info(): Readonly<CoreModelInfo> {
    return this.#info;
  }

  /** Fails with the core's own code when model, vocabulary or token table are refused. */
  static async create(bytes: CoreBytes): Promise<Core> {
    let session: Session;
    try {
      const module = await instantiate(bytes.wasm);
      session = new module.Session();
    } catch (cause) {
      throw new SmartSynchError("internal", "the WebAssembly core did not start", "", { cause });
    }
    try {
      if (bytes.cacheBytes !== undefined) unwrap(session.setCacheBytes(bytes.cacheBytes));
      // All at once would hold up a page for longer than a task there should take.
      await yieldToEvents();
      unwrap(session.takeVocabulary(bytes.vocabulary));
      await yieldToEvents();
      unwrap(session.takeTokenTable(bytes.tokenTable));
      await yieldToEvents();
      unwrap(session.takeModel(bytes.model));
      await yieldToEvents();
      return new Core(session, unwrap(session.start()));
    } catch (error) {
      session.delete();
      throw error;
    }
  }

  /** Token ids for the encoder, and whether it need be run at all. */
  prepare(task: CheckedTask): CorePrepared {
    return this.#call((s) => s.prepare(toWellFormed(task.title), toWellFormed(task.description)));
  }

  classifyInstant(task: CheckedTask): Prediction {
    return this.#callAs(task, (s) =>
      s.classifyInstant(toWellFormed(task.title), toWellFormed(task.description)),
    );
  }

  /** The full tier's remembered answer to an equal task; null when there is none. */
  cached(task: CheckedTask): Prediction | null {
    return this.#callAs(task, (s) =>
      s.cached(toWellFormed(task.title), toWellFormed(task.description)),
    );
  }

  cacheStatistics(): CacheStatistics {
    return this.#call((s) => s.cacheStatistics());
  }

  /** `hidden`: the encoder's output, row-major [tokens, dimension]. */
  classifyHidden(task: CheckedTask, hidden: Float32Array, tokens: number): Prediction {
    return this.#callAs(task, (s) =>
      s.classifyHidden(toWellFormed(task.title), toWellFormed(task.description), hidden, tokens),
    );
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

  /** Lets personal heads answer; no bytes: the base model again. */
  useHeads(heads: Uint8Array): void {
    this.#learn((s) => s.useHeads(heads));
  }

  /** Lets a challenger with these heads (no bytes: the base) answer its tasks; null ends it. */
  useExperiment(experiment: CoreExperiment | null, heads: Uint8Array): void {
    const running = experiment && { ...experiment, id: toWellFormed(experiment.id) };
    this.#learn((s) => s.useExperiment(running, heads));
    this.#inExperiment = running !== null;
  }

  /** The comparison so far; null while no experiment runs. */
  experiment(): CoreComparison | null {
    return this.#call((s) => s.experiment());
  }

  /** Frees the C++ object; safe to call twice. */
  dispose(): void {
    this.#session?.delete();
    this.#session = null;
  }

  #learn<T>(run: (session: Session) => CoreResult<T>): T {
    const value = this.#call(run);
    this.#info = this.#call((s) => s.modelInfo());
    return value;
  }

  /** The arm whose turn the task is answers. */
  #callAs<T>(task: CheckedTask, run: (session: Session) => CoreResult<T>): T {
    if (!this.#inExperiment) return this.#call(run);
    return this.#call((s) => {
      const { title, description, key = "" } = task;
      unwrap(s.chooseArm(toWellFormed(title), toWellFormed(description), toWellFormed(key)));
      return run(s);
    });
  }

  #call<T>(run: (session: Session) => CoreResult<T>): T {
    if (this.#broken !== null) throw this.#broken;
    if (this.#session === null) throw disposedError();
    try {
      return unwrap(run(this.#session));
    } catch (cause) {
      if (!(cause instanceof WebAssembly.RuntimeError)) throw cause;
      // A trap leaves the module's memory in an unknown state, so it is not touched again.
      this.#session = null;
      this.#broken = new CoreTrapError(cause);
      throw this.#broken;
    }
  }
}
