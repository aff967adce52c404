import type { ProgressSum } from "../assets/progress.js";
import type { AnsweringVersions } from "../base/answering_versions.js";
import type { CheckedTask } from "../base/tasks.js";
import { disposedError } from "../errors.js";
import type { LoadPayload } from "../protocol.js";
import type {
  BatchOptions,
  CacheStatistics,
  FineTuned,
  FineTuneOptions,
  Prediction,
} from "../types.js";
import type { FullTier, FullTierEvents } from "./full_tier.js";
import { WorkerChannel } from "./worker_channel.js";

/** The full tier in a worker of its own. */
export class WorkerTier implements FullTier {
  readonly #channel: WorkerChannel;

  readonly threads: number;

  private constructor(channel: WorkerChannel, threads: number) {
    this.#channel = channel;
    this.threads = threads;
  }

  /** Starts the worker and waits until it can answer. */
  static async load(
    workerUrl: URL,
    payload: LoadPayload,
    progress: ProgressSum,
    signal: AbortSignal,
    events: FullTierEvents,
  ): Promise<WorkerTier> {
    const worker = new Worker(workerUrl, { type: "module", name: "smartsynch" });
    let loaded = false;
    let threads: number;
    const channel = new WorkerChannel(worker, workerUrl.href, (error) => {
      // While loading, the rejected request tells all there is to tell.
      if (loaded) events.onBreakdown(error);
    });
    try {
      ({ threads } = await channel.request("load", payload, {
        signal,
        onProgress: ({ asset, loadedBytes, totalBytes }) => {
          progress.update(asset, loadedBytes, totalBytes);
        },
      }));
    } catch (error) {
      channel.close(disposedError());
      throw error;
    }
    loaded = true;
    return new WorkerTier(channel, threads);
  }

  predict(task: CheckedTask, signal?: AbortSignal): Promise<Prediction> {
    return this.#channel.request("predict", { task }, { signal });
  }

  predictBatch(tasks: CheckedTask[], options: BatchOptions): Promise<Prediction[]> {
    const { signal, onProgress } = options;
    return this.#channel.request(
      "predictBatch",
      { tasks },
      {
        signal,
        onProgress:
          onProgress &&
          (({ done, total }) => {
            onProgress(done, total);
          }),
      },
    );
  }

  cacheStatistics(): Promise<CacheStatistics> {
    return this.#channel.request("cacheStatistics", {});
  }

  learn(line: string): Promise<string> {
    return this.#channel.request("learn", { line });
  }

  restore(lines: string): Promise<string> {
    return this.#channel.request("restore", { lines });
  }

  fineTune({ signal, onProgress }: FineTuneOptions): Promise<FineTuned> {
    return this.#channel.request("fineTune", {}, { signal, onProgress });
  }

  rest(): void {
    this.#channel.request("rest", {}).catch(() => undefined);
  }

  async useVersions(versions: AnsweringVersions): Promise<void> {
    await this.#channel.request("useVersions", versions);
  }

  dispose(): void {
    this.#channel.close(disposedError());
  }
}
