import type { AnsweringVersions } from "../base/answering_versions.js";
import type { CheckedTask } from "../base/tasks.js";
import type {
  BatchOptions,
  CacheStatistics,
  FineTuned,
  FineTuneOptions,
  Prediction,
} from "../types.js";

/** The full tier as the client sees it: in a worker on a page, in the same thread in Node. */
export interface FullTier {
  /** How many threads its encoder takes. */
  readonly threads: number;
  predict(task: CheckedTask, signal?: AbortSignal): Promise<Prediction>;
  predictBatch(tasks: CheckedTask[], options: BatchOptions): Promise<Prediction[]>;
  cacheStatistics(): Promise<CacheStatistics>;
  /** Appends an event, as its line in the log, and embeds it; answers the line with embedding. */
  learn(line: string): Promise<string>;
  /** Takes this feedback log (JSON Lines) for its own and embeds what is not; answers it. */
  restore(lines: string): Promise<string>;
  /** Trains a challenger on its log. */
  fineTune(options: FineTuneOptions): Promise<FineTuned>;
  /** Someone is typing: a fine-tuning under way rests for a moment. */
  rest(): void;
  /** Lets these versions answer; where they do not fit, the base model does. */
  useVersions(versions: AnsweringVersions): Promise<void>;
  /** Pending calls reject; safe to call twice. */
  dispose(): void;
}

/** What a {@link FullTier} reports while it works. */
export interface FullTierEvents {
  /** It broke down and is of no more use; its pending calls have been rejected. */
  onBreakdown: (error: Error) => void;
}

/** Loads a full tier. The signal ends the loading. */
export type LoadFullTier = (signal: AbortSignal, events: FullTierEvents) => Promise<FullTier>;
