import type { RunningExperiment } from "../base/answering_versions.js";
import type { JudgedAnswers } from "../types.js";

/** One fine-tuning as it is kept. */
export interface StoredVersion {
  /** Hash of the heads; empty for one that was refused. */
  id: string;
  parent: string;
  createdMs: number;
  accepted: boolean;
  reason: string;
  base: JudgedAnswers;
  feedback: JudgedAnswers;
  /** The heads' file; empty for one that was refused. */
  heads: Uint8Array;
  /** The log's last event when the training began; absent in histories of earlier releases. */
  taughtUpTo?: number;
}

/** An experiment that runs. Versions by id; empty: the base model. */
export interface StoredExperiment extends RunningExperiment {
  startedMs: number;
  champion: string;
  challenger: string;
}

/** All versions, oldest first, and which one answers. */
export interface StoredHistory {
  versions: StoredVersion[];
  /** Empty: the base model. */
  active: string;
  /** What was active before, latest last; empty strings stand for the base model. */
  former: string[];
  /** Absent: none runs. */
  experiment?: StoredExperiment | null;
}
