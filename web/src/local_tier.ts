import { abortable, anySignal } from "./base/abort.js";
import type { CheckedTask } from "./base/tasks.js";
import type { FullTier } from "./client/full_tier.js";
import type { Engine } from "./engine/engine.js";
import type { LoadFineTuneFiles } from "./engine/load_fine_tune_files.js";
import { disposedError } from "./errors.js";
import type { RunningExperiment } from "./protocol.js";
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
  readonly #loadFineTuneFiles: LoadFineTuneFiles;
  readonly #disposed = new AbortController();

  /** `loadFineTuneFiles`: called when a fine-tuning begins. */
  constructor(engine: Engine, loadFineTuneFiles: LoadFineTuneFiles) {
    this.#engine = engine;
    this.#loadFineTuneFiles = loadFineTuneFiles;
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
      (ends) => this.#engine.fineTune(this.#loadFineTuneFiles, { ...options, signal: ends }),
      options.signal,
    );
  }

  rest(): void {
    this.#engine.rest();
  }

  useHeads(heads: Uint8Array): Promise<void> {
    return this.#guard(() => this.#engine.useHeads(heads));
  }

  useExperiment(experiment: RunningExperiment | null, heads: Uint8Array): Promise<void> {
    return this.#guard(() => this.#engine.useExperiment(experiment, heads));
  }

  dispose(): void {
    if (this.#disposed.signal.aborted) return;
    this.#disposed.abort(disposedError());
    void this.#engine.dispose();
  }

  async #guard<T>(run: (ends: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const ends = anySignal(signal, this.#disposed.signal);
    return abortable(run(ends), ends);
  }
}
