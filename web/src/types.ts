/**
 * The values that go into SmartSynch and come out of it. Plain objects: they survive
 * `structuredClone`, `postMessage` and JSON.
 * @module
 */

import type { AutoFineTune, Notice } from "./state_types.js";

export type * from "./state_types.js";

/** What is to be categorised. Unknown fields are ignored. */
export interface Task {
  /** What the user typed as title, finished or not. */
  title: string;
  /** More text, where there is any. A long one is cut; the title never is. */
  description?: string | null | undefined;
  /**
   * The caller's own id of the task: by it `forgetTask` finds what was learnt, and while an experiment
   * runs it decides which version answers (default: the text; in a typing session, the session).
   */
  taskId?: string | undefined;
}

/**
 * - `"auto"`: confident, the category may be selected for the user;
 * - `"suggest"`: not sure, show the suggestions (none of them for an empty task);
 * - `"new"`: fits no category, offer to create one.
 */
export type DecisionKind = "auto" | "suggest" | "new";

/** Which part answered: the small model that needs no encoder, or the sentence transformer. */
export type Tier = "instant" | "full";

/** One category that may fit. */
export interface Suggestion {
  /** Display name. */
  category: string;
  /** Stable id, kept for ever even when the category is renamed. */
  categoryId: string;
  /** Calibrated probability, 0..1. */
  confidence: number;
}

/** The answer to one task. */
export interface Prediction {
  decision: DecisionKind;
  /** Display name; null unless the decision is `"auto"`. */
  category: string | null;
  /** Stable id; null unless the decision is `"auto"`. */
  categoryId: string | null;
  /** Calibrated probability of the best category, 0..1; 0 without suggestions. */
  confidence: number;
  /** Open-set score, 0..1: the higher, the less the task fits any category. */
  novelty: number;
  /** Best first. */
  suggestions: Suggestion[];
  tier: Tier;
  /**
   * Which model spoke: the first 16 hexadecimal digits of its file's SHA-256; with what the user taught
   * "+" and eight more, which change with every step.
   */
  modelVersion: string;
  /** The text was longer than the encoder's limit, and its end was not read. */
  truncated: boolean;
  /** While an experiment runs: which one, and who answered. Feedback with it as `shown` counts. */
  experiment?: { id: string; arm: "champion" | "challenger" };
}

/** A category that a task can be put in. */
export interface Category {
  id: string;
  name: string;
  /** "#rrggbb", where the user chose one (`recolourCategory`). */
  colour?: string;
}

/** What a user did with a task's category. */
export interface Feedback extends Task {
  /** A category's id, or its name. */
  category: string;
  /**
   * - `"changed"`: chosen by hand (default);
   * - `"accepted"`: the category shown was kept;
   * - `"rejected"`: the category shown was taken away, none chosen instead.
   */
  kind?: "changed" | "accepted" | "rejected" | undefined;
  /** What was shown when the user decided. */
  shown?: Prediction | undefined;
}

/** A step that was recorded, for `undo`. */
export interface Recorded {
  /** The step's number in the feedback log. */
  sequence: number;
}

/** The files that SmartSynch loads. */
export type AssetName = "core" | "model" | "vocabulary" | "tokenTable" | "runtime" | "encoder";

/** How far loading has come. Sent for every piece that arrives. */
export interface LoadProgress {
  /** The file that just advanced. */
  asset: AssetName;
  /** Bytes of all files together. */
  loadedBytes: number;
  /** Bytes of all files together, as far as they are known. */
  totalBytes: number;
  /** 0 to 1; never falls, except when the full tier is loaded again. */
  share: number;
}

/** Where the full tier stands. Until it is ready the instant tier answers alone. */
export type FullTierState =
  | { status: "loading" }
  /** `threads`: that its encoder takes; more than one only where the page is cross-origin isolated. */
  | { status: "ready"; threads: number }
  /** Not fetched, because the browser asks to save data; `retryFullTier()` fetches it. */
  | { status: "waiting" }
  /** Loading or restarting failed; `retryFullTier()` tries again. */
  | { status: "failed"; error: Error }
  /** Not wanted: created with `fullTier: "never"` or `encoder: false`. */
  | { status: "off" };

/** Takes what would otherwise go to the console; SmartSynch itself prints nothing. */
export interface Logger {
  debug(message: string): void;
  warn(message: string): void;
}

/** Options of `SmartSynch.create`; all may be left out. */
export interface CreateOptions {
  /**
   * Folder of the files; default: `assets/` beside the package's script, against which a relative
   * one is resolved, too (write "/static/smartsynch/" for a folder of the page's host).
   */
  baseUrl?: string | URL | undefined;
  /**
   * Addresses of single files, relative to `baseUrl`. A file named here is not compared with the
   * hash that the package was built with; the model still checks that vocabulary, token
   * table and encoder are its own.
   */
  urls?: Partial<Record<AssetName, string | URL>> | undefined;
  /**
   * Address of the worker's script (page only), relative to the package's; default: `worker.js`
   * beside it.
   */
  workerUrl?: string | URL | undefined;
  /**
   * Address of the base model's exemplars, which `fineTune` replays, relative to `baseUrl`; default:
   * the file that the build put there. Fetched when first needed.
   */
  exemplarsUrl?: string | URL | undefined;
  /** The same for `smartsynch_fine_tune.wasm`, the program that fine-tunes. */
  fineTuneUrl?: string | URL | undefined;
  /**
   * Whether fine-tuning starts by itself when enough was taught and nobody types. Default true in a
   * page, false in Node, where it would take the caller's thread. Never where the browser asks to
   * save data.
   */
  autoFineTune?: boolean | AutoFineTune | undefined;
  /** False: short for `fullTier: "never"`. */
  encoder?: boolean | undefined;
  /**
   * When the full tier's large files are fetched: `"auto"` (default) once the instant tier can
   * answer, unless the browser asks to save data (`navigator.connection.saveData`); `"always"` even
   * then; `"never"`: the instant tier alone, without worker, encoder and ONNX Runtime.
   */
  fullTier?: "auto" | "always" | "never" | undefined;
  /**
   * Keep checked files in Cache Storage, so that a second visit needs no network (page only; files
   * named in `urls` are not kept). Default true.
   */
  cache?: boolean | undefined;
  /**
   * Bytes for remembering the full tier's predictions, so that a task predicted again needs no
   * encoder. Default 1,048,576, some 1,500 titles; 0: none are remembered.
   */
  cacheBytes?: number | undefined;
  /**
   * Where what the user teaches is kept (page only): true (default) in the origin's IndexedDB, shared
   * by all tabs; a string in another database of that name; false in memory.
   */
  storage?: boolean | string | undefined;
  /**
   * Ends the first loading, also that of the full tier after `create` has resolved; later restarts
   * and `retryFullTier()` go on without it.
   */
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** May be called before `create` has resolved. */
  onNotice?: ((notice: Notice) => void) | undefined;
  logger?: Logger | undefined;
}

/** Options of `predict`. */
export interface PredictOptions {
  /** Rejects the call with the signal's reason, an `AbortError` by default. */
  signal?: AbortSignal | undefined;
}

/** Options of `predictBatch`. */
export interface BatchOptions extends PredictOptions {
  /** Called after every group of tasks. */
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Options of `openField`. */
export interface FieldOptions {
  /** Milliseconds without an update before the full tier is asked. Default 120. */
  pauseMs?: number | undefined;
  /** Ask the full tier at once, without the pause, when the instant one is unsure. Default true. */
  eager?: boolean | undefined;
  /**
   * What keeps a shown selection from flickering: it gives way to another category only when that
   * leads it by this much probability, and it outlasts instant answers that are merely unsure (then
   * `categoryId` may differ from `suggestions[0]`, and `confidence` is the selection's own). 0 to 1,
   * default 0.1; false: every answer as `predict` would give it.
   */
  margin?: number | false | undefined;
}

/**
 * A typing session: the latest update wins, and nothing about an earlier one is delivered after it.
 *
 * @example
 * ```ts
 * const field = synch.openField();
 * input.addEventListener("input", () => field.update({ title: input.value }));
 * for await (const prediction of field) show(prediction); // instant answer, then the full one
 * ```
 */
export interface FieldSession extends AsyncIterable<Prediction> {
  /** What the field holds now. */
  update(task: Task): void;
  /** Ends the session and its iteration; safe to call twice. */
  close(): void;
}
