import type { AnsweringVersions } from "../base/answering_versions.js";
import { SerialQueue, yieldToEvents } from "../base/serial_queue.js";
import type { CheckedTask } from "../base/tasks.js";
import type { Core } from "../core/core_module.js";
import { FineTuneJob } from "../core/fine_tune_module.js";
import type { SentenceEncoder } from "../encoder/ort_encoder.js";
import type {
  BatchOptions,
  CacheStatistics,
  FineTuned,
  FineTuneOptions,
  Prediction,
} from "../types.js";
import { groupByLength } from "./grouping.js";
import type { LoadFineTuneFiles } from "./load_fine_tune_files.js";

/** Fine-tuning rests this long after a prediction was asked for: someone is typing. */
const REST_MS = 300;

/** A task that the cache does not know, its tokens, and its place among all. */
interface Missing {
  task: CheckedTask;
  ids: Int32Array;
  place: number;
}

/**
 * The full tier: token ids from the core, the ONNX graph, and the decision from the core. Calls are
 * answered one after the other, since ONNX Runtime runs one graph at a time.
 */
export class Engine {
  readonly #core: Core;
  readonly #encoder: SentenceEncoder;
  readonly #loadFineTuneFiles: LoadFineTuneFiles;
  readonly #queue = new SerialQueue();
  #asked = 0;

  /** Of the encoder. */
  get threads(): number {
    return this.#encoder.threads;
  }

  /** `loadFineTuneFiles`: called when a fine-tuning begins. */
  constructor(core: Core, encoder: SentenceEncoder, loadFineTuneFiles: LoadFineTuneFiles) {
    this.#core = core;
    this.#encoder = encoder;
    this.#loadFineTuneFiles = loadFineTuneFiles;
  }

  predict(task: CheckedTask, signal?: AbortSignal): Promise<Prediction> {
    this.rest();
    return this.#queue.run(async () => {
      const found = this.#core.cachedOrPrepared(task);
      if (found.known !== null) return found.known;
      if (!found.needsEncoder) return this.#core.classifyHidden(task, new Float32Array(0), 0);
      const hidden = await this.#encoder.run([found.ids]);
      return this.#core.classifyHidden(task, hidden.values, found.ids.length);
    }, signal);
  }

  /** In the tasks' order. Between groups of tasks the signal is looked at. */
  async predictBatch(
    tasks: readonly CheckedTask[],
    { signal, onProgress }: BatchOptions = {},
  ): Promise<Prediction[]> {
    const results = new Array<Prediction>(tasks.length);
    const missing = await this.#queue.run(() => this.#answerKnown(tasks, results), signal);
    const ids = missing.map((task) => task.ids);
    let done = tasks.length - missing.length;
    if (done > 0) onProgress?.(done, tasks.length);
    for (const group of groupByLength(ids)) {
      // Other calls may come between two groups, so a long batch does not hold up a typing user.
      const predictions = await this.#queue.run(
        () => this.#predictGroup(missing, ids, group),
        signal,
      );
      predictions.forEach((prediction, index) => {
        results[missing[group[index] ?? 0]?.place ?? 0] = prediction;
      });
      done += group.length;
      onProgress?.(done, tasks.length);
      await yieldToEvents();
    }
    return results;
  }

  /** Appends an event's line to the feedback log and embeds its text; answers the line. */
  learn(line: string): Promise<string> {
    return this.#queue.run(async () => {
      const recorded = this.#core.recordLine(line);
      const missing = this.#core.eventsWithoutEmbedding().at(-1);
      const { sequence } = JSON.parse(recorded) as { sequence: number };
      return missing?.sequence === sequence ? this.#embedEvent(missing) : recorded;
    });
  }

  /**
   * Takes a feedback log for its own and embeds what has no embedding of this encoder. Other calls
   * may come between two events.
   */
  async restore(lines: string, signal?: AbortSignal): Promise<string> {
    await this.#queue.run(() => {
      this.#core.loadLog(lines);
      return Promise.resolve();
    }, signal);
    for (const event of this.#core.eventsWithoutEmbedding()) {
      await this.#queue.run(() => this.#embedEvent(event), signal);
      await yieldToEvents();
    }
    return this.#core.log();
  }

  /**
   * Trains a challenger on the log as it is, a few milliseconds at a time; rests while predictions are
   * asked for. When the signal fires, what was done is dropped.
   */
  async fineTune({ signal, onProgress }: FineTuneOptions = {}): Promise<FineTuned> {
    // First, so that nothing is fetched where there is too little to learn from.
    const task = await this.#queue.run(() => Promise.resolve(this.#core.fineTuneTask()), signal);
    const job = await FineTuneJob.begin(task, await this.#loadFineTuneFiles(signal));
    for (;;) {
      await this.#untilIdle();
      const { progress, result } = await this.#queue.run(() => Promise.resolve(job.step()), signal);
      onProgress?.(progress);
      if (result !== undefined) return result;
      await yieldToEvents();
    }
  }

  /** Someone is typing: a fine-tuning under way rests. */
  rest(): void {
    this.#asked = performance.now();
  }

  /** Lets these versions answer; where they do not fit, the base model does. */
  useVersions(versions: AnsweringVersions): Promise<void> {
    return this.#queue.run(() => {
      this.#core.useVersions(versions);
      return Promise.resolve();
    });
  }

  /** The pooled, normalised embedding, for comparing hosts. */
  embed(task: CheckedTask): Promise<Float32Array> {
    return this.#queue.run(async () => {
      const { ids } = this.#core.prepare(task);
      const hidden = await this.#encoder.run([ids]);
      return this.#core.embedding(hidden.values, ids.length);
    });
  }

  cacheStatistics(): CacheStatistics {
    return this.#core.cacheStatistics();
  }

  async dispose(): Promise<void> {
    await this.#queue
      .run(() => this.#encoder.dispose())
      .finally(() => {
        this.#core.dispose();
      });
  }

  async #untilIdle(): Promise<void> {
    for (;;) {
      const left = this.#asked + REST_MS - performance.now();
      if (this.#asked === 0 || left <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, left));
    }
  }

  async #embedEvent(event: CheckedTask & { sequence: number }): Promise<string> {
    const { ids } = this.#core.prepare(event);
    const { values } = await this.#encoder.run([ids]);
    return this.#core.embedEvent(event.sequence, values, ids.length);
  }

  /** Fills in what the cache knows; answers the other tasks with their places. */
  #answerKnown(tasks: readonly CheckedTask[], results: Prediction[]): Promise<Missing[]> {
    const missing: Missing[] = [];
    tasks.forEach((task, place) => {
      const found = this.#core.cachedOrPrepared(task);
      if (found.known === null) missing.push({ task, ids: found.ids, place });
      else results[place] = found.known;
    });
    return Promise.resolve(missing);
  }

  async #predictGroup(
    tasks: readonly Missing[],
    ids: readonly Int32Array[],
    group: readonly number[],
  ): Promise<Prediction[]> {
    const batch = group.map((index) => ids[index] ?? new Int32Array());
    const { values, sequence } = await this.#encoder.run(batch);
    const members = group.map((index) => tasks[index]?.task ?? { title: "", description: "" });
    return this.#core.classifyHiddenBatch(members, values, sequence);
  }
}
