import { abortable, anySignal } from "./base/abort.js";
import type { AnsweringVersions } from "./base/answering_versions.js";
import type { CheckedTask } from "./base/tasks.js";
import type { FullTier, FullTierEvents } from "./client/full_tier.js";
import { isFatal } from "./core/core_result.js";
import type { Engine } from "./engine/engine.js";
import { disposedError } from "./errors.js";
import type {
  BatchOptions,
  CacheStatistics,
  FineTuned,
  FineTuneOptions,
  Prediction,
} from "./types.js";

/** The full tier in the caller's own thread. */
export class LocalTier implements FullTier {
  readonly #engine: Engine;
  readonly #events: FullTierEvents;
  readonly #ended = new AbortController();

  constructor(engine: Engine, events: FullTierEvents) {
    this.#engine = engine;
    this.#events = events;
  }

  get threads(): number {
    return this.#engine.threads;
  }

  predict(task: CheckedTask, signal?: AbortSignal): Promise<Prediction> {
    return this.#guard((ends) => this.#engine.predict(task, ends), signal);
  }

  predictBatch(tasks: CheckedTask[], options: BatchOptions): Promise<Prediction[]> {
    return this.#guard(
      (ends) => this.#engine.predictBatch(tasks, { ...options, signal: ends }),
      options.signal,
    );
  }

  cacheStatistics(): Promise<CacheStatistics> {
    return this.#guard(() => Promise.resolve(this.#engine.cacheStatistics()));
  }

  learn(line: string): Promise<string> {
    return this.#guard(() => this.#engine.learn(line));
  }

  restore(lines: string): Promise<string> {
    return this.#guard(() => this.#engine.restore(lines));
  }

  fineTune(options: FineTuneOptions): Promise<FineTuned> {
    return this.#guard(
      (ends) => this.#engine.fineTune({ ...options, signal: ends }),
      options.signal,
    );
  }

  rest(): void {
    this.#engine.rest();
  }

  useVersions(versions: AnsweringVersions): Promise<void> {
    return this.#guard(() => this.#engine.useVersions(versions));
  }

  dispose(): void {
    this.#end(disposedError());
  }

  /** Pending calls reject with `error`; false when it has ended before. */
  #end(error: Error): boolean {
    if (this.#ended.signal.aborted) return false;
    this.#ended.abort(error);
    this.#engine.dispose().catch(() => undefined);
    return true;
  }

  async #guard<T>(run: (ends: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const ends = anySignal(signal, this.#ended.signal);
    try {
      return await abortable(run(ends), ends);
    } catch (error) {
      if (isFatal(error) && this.#end(error)) this.#events.onBreakdown(error);
      throw error;
    }
  }
}
