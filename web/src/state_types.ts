/**
 * What SmartSynch says of its own state: notices, versions, fine-tuning, cache. Part of the public types.
 * @module
 */

/** Right answers on the same tasks, both tiers together. */
export interface JudgedAnswers {
  rows: number;
  /** By what answered before. */
  championRight: number;
  /** By what was trained, without having seen the task. */
  challengerRight: number;
}

/** What a fine-tuning made. */
export interface FineTuned {
  accepted: boolean;
  reason: string;
  base: JudgedAnswers;
  feedback: JudgedAnswers;
  /** The heads' file; empty when refused. */
  heads: Uint8Array;
  /** Hash of it; empty when refused. */
  version: string;
}

/** A version of what answers: the base model, or what a fine-tuning made of it. */
export interface PersonalVersion {
  /** Hash of its content; null for a fine-tuning that was refused. */
  id: string | null;
  /** The version that it was compared with and is to replace; null for the base model. */
  parent: string | null;
  /** Milliseconds since 1970; 0 for the base model. */
  createdMs: number;
  /** Refused ones are listed with their reason and cannot be activated. */
  accepted: boolean;
  /** One sentence with the figures. */
  reason: string;
  /** On samples of the base model's training: what must not be forgotten. */
  base: JudgedAnswers;
  /** On what the user taught. */
  feedback: JudgedAnswers;
  /** Answers now. */
  active: boolean;
}

/** Options of `startExperiment`. Versions are named by their id, the base model's included. */
export interface ExperimentOptions {
  /** Default: the version that answers now. Another one answers from here on. */
  champion?: string | undefined;
  /** The version that is to be better. */
  challenger: string;
  /** Of the tasks that the challenger answers, 0.001 to 0.999. Default 0.5. */
  share?: number | undefined;
  /** Bound of the false alarms over all readings together, between 0 and 1. Default 0.05. */
  alpha?: number | undefined;
  /** The smallest gain in acceptance that is worth a change, 0 to 1. Default 0.01. */
  leastGain?: number | undefined;
  /** Feedbacks, both versions together, after which it stops undecided. Default: no such end. */
  mostShown?: number | undefined;
}

/** One side of an experiment. */
export interface ExperimentArm {
  /** Id of the version. */
  version: string;
  /** Tasks with feedback on what was shown. */
  shown: number;
  /** Of these, the category shown was kept. */
  accepted: number;
  /** `accepted / shown`; null before the first. */
  acceptance: number | null;
}

/** An experiment as it stands now. */
export interface Experiment {
  id: string;
  /** Milliseconds since 1970. */
  startedMs: number;
  /** Of the tasks that the challenger answers. */
  share: number;
  champion: ExperimentArm;
  challenger: ExperimentArm;
  /** The challenger's acceptance minus the champion's; 0 before both have feedback. */
  difference: number;
  /** Interval of the difference, valid however often it is looked at. */
  low: number;
  high: number;
  /** Of equal acceptance, valid however often it is looked at. */
  pValue: number;
  /**
   * `"promote"`: the challenger is better; `"stop"`: a gain of `leastGain` is excluded, or `mostShown`
   * is reached; `"continue"`: neither yet. Nothing happens by itself.
   */
  verdict: "continue" | "promote" | "stop";
}

/** Options of `fineTune`. */
export interface FineTuneOptions {
  /** Ends it with the signal's reason; nothing is kept. */
  signal?: AbortSignal | undefined;
  /** 0 to 1; never falls. */
  onProgress?: ((share: number) => void) | undefined;
}

/** When fine-tuning starts by itself. */
export interface AutoFineTune {
  /** So many steps about a task (`feedback`) since the last fine-tuning. Default 20, the fewest. */
  corrections?: number | undefined;
  /** Milliseconds without a text to answer. Default 3000. */
  idleMs?: number | undefined;
}

/** What the cache of predictions does; counts are since the full tier was loaded. */
export interface CacheStatistics {
  hits: number;
  misses: number;
  /** Predictions that had to make room for later ones. */
  evictions: number;
  /** Predictions remembered now; everything learnt drops them. */
  entries: number;
  /** Their bytes, text and bookkeeping included. */
  bytes: number;
  /** The bound, `cacheBytes`. */
  capacityBytes: number;
}

/** Something that happened beside the calls. */
export type Notice =
  | { kind: "full-tier-ready" }
  | { kind: "full-tier-failed"; error: Error }
  /** A fine-tuning began, by itself or asked for; it ends with one of the two after the next. */
  | { kind: "fine-tune-started" }
  /** 0 to 1, by steps of a hundredth or more; never falls within one fine-tuning. */
  | { kind: "fine-tune-progress"; share: number }
  | { kind: "fine-tune-failed"; error: Error }
  /** A fine-tuning ended: `version.accepted` says whether it answers from now on. */
  | { kind: "fine-tuned"; version: PersonalVersion }
  /** The worker (in Node the full tier's core) broke down; calls were rejected, and it is loaded anew. */
  | { kind: "worker-restarted"; error: Error }
  /**
   * What is learnt is no longer saved, only kept in memory; what was saved before stays. `"full"`: no
   * space; `"blocked"`: another tab or a newer page holds the database; `"damaged"`: what is stored
   * cannot be read; `"unavailable"`: forbidden (private window), wiped, or taken away.
   */
  | { kind: "storage-failed"; reason: StorageFailure; error: Error }
  /** Another tab taught something, or changed the categories; this one knows it now. */
  | { kind: "learnt-elsewhere" };

/** Why what is learnt cannot be saved. */
export type StorageFailure = "full" | "blocked" | "damaged" | "unavailable";
