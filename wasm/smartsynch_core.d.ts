// Types of the Embind module that bindings.cpp registers (Emscripten 3.1.6 emits none). A test
// compares the names below with the real exports. Memory rules: README.md.

/** Why a call failed; the numbers are those of core/include/smartsynch/base/status.h. */
export interface CoreError {
  code: number;
  codeName: string;
  message: string;
  field: string;
}

/** Every call's answer. */
export type CoreResult<T> = { ok: true; value: T } | { ok: false; error: CoreError };

export interface CorePrediction {
  decision: "auto" | "suggest" | "new";
  category: string | null;
  categoryId: string | null;
  confidence: number;
  novelty: number;
  suggestions: { category: string; categoryId: string; confidence: number }[];
  tier: "instant" | "full";
  modelVersion: string;
  truncated: boolean;
  /** Only while an experiment runs. */
  experiment?: { id: string; arm: "champion" | "challenger" };
}

/** Numbers left out are those of core/include/smartsynch/experiment/sequential_test.h. */
export interface CoreExperiment {
  id: string;
  share: number;
  alpha?: number | undefined;
  leastGain?: number | undefined;
  mostShown?: number | undefined;
}

export interface CoreComparison {
  champion: { shown: number; accepted: number };
  challenger: { shown: number; accepted: number };
  difference: number;
  low: number;
  high: number;
  logEvidence: number;
  verdict: "continue" | "promote" | "stop";
}

export interface CorePrepared {
  ids: Int32Array;
  truncated: boolean;
  needsEncoder: boolean;
}

/** What is remembered, or what to run the encoder on. */
export type CoreCachedOrPrepared = { known: CorePrediction } | ({ known: null } & CorePrepared);

export interface CoreCategory {
  id: string;
  name: string;
  /** "#rrggbb", of `categories()` only, where the user chose one. */
  colour?: string;
}

export interface CoreModelInfo {
  modelVersion: string;
  baseVersion: string;
  /** Of the personal heads that answer; empty: none do. */
  headsVersion: string;
  encoderSha256: string;
  vocabularySha256: string;
  dimension: number;
}

export interface CoreTask {
  title: string;
  description: string;
  /** Decides the arm while an experiment runs. */
  key?: string;
}

export interface CoreEventText extends CoreTask {
  sequence: number;
}

export interface CoreCacheStatistics {
  hits: number;
  misses: number;
  evictions: number;
  entries: number;
  bytes: number;
  capacityBytes: number;
}

/**
 * A loaded model. Strings must be well-formed UTF-16: Embind turns a lone surrogate into another
 * character and swallows the next one.
 */
export interface Session {
  /** `tokenTable`: empty for a model without a token head. */
  load(
    model: Uint8Array,
    vocabulary: Uint8Array,
    tokenTable: Uint8Array,
  ): CoreResult<CoreModelInfo>;
  /**
   * `load` in steps, events may be handled in between: each file, then `start`. `sha256`: of the model
   * that is wanted, which makes it faster; empty where that is not known.
   */
  takeModel(model: Uint8Array, sha256: string): CoreResult<null>;
  takeVocabulary(vocabulary: Uint8Array): CoreResult<null>;
  /** Takes half the time after `takeModel`. */
  takeTokenTable(tokenTable: Uint8Array): CoreResult<null>;
  start(): CoreResult<CoreModelInfo>;
  prepare(title: string, description: string): CoreResult<CorePrepared>;
  classifyInstant(title: string, description: string): CoreResult<CorePrediction>;
  cachedOrPrepared(title: string, description: string): CoreResult<CoreCachedOrPrepared>;
  setCacheBytes(bytes: number): CoreResult<CoreCacheStatistics>;
  cacheStatistics(): CoreResult<CoreCacheStatistics>;
  classifyHidden(
    title: string,
    description: string,
    hidden: Float32Array,
    tokens: number,
  ): CoreResult<CorePrediction>;
  classifyHiddenBatch(
    tasks: CoreTask[],
    hidden: Float32Array,
    sequence: number,
  ): CoreResult<CorePrediction[]>;
  /** Of the token table, which needs no encoder; empty for a model without a token head. */
  instantEmbedding(title: string, description: string): CoreResult<Float32Array>;
  embedding(hidden: Float32Array, tokens: number): CoreResult<Float32Array>;
  categories(): CoreResult<CoreCategory[]>;
  /** Appends an event, one line of JSON without "sequence"; answers it as it stands in the log. */
  record(line: string): CoreResult<string>;
  addCategory(name: string, timeMs: number): CoreResult<CoreCategory & { line: string }>;
  undo(sequence: number, timeMs: number): CoreResult<string>;
  findCategory(idOrName: string): CoreResult<CoreCategory>;
  /** Fills in an event's embedding; `hidden` is the encoder's output, [tokens, dimension]. */
  embedEvent(sequence: number, hidden: Float32Array, tokens: number): CoreResult<string>;
  /** The same from the event's line of another session. */
  fillIn(line: string): CoreResult<string>;
  eventsWithoutEmbedding(): CoreResult<CoreEventText[]>;
  /** JSON Lines. */
  log(): CoreResult<string>;
  loadLog(lines: string): CoreResult<CoreModelInfo>;
  /** The same from a snapshot, where it fits; answers whether it did. */
  loadLogFrom(lines: string, snapshot: Uint8Array): CoreResult<boolean>;
  /** Whether a snapshot is due, and the bytes of one. */
  needsSnapshot(): CoreResult<boolean>;
  takeSnapshot(): CoreResult<Uint8Array>;
  /** user_data.json. */
  exportUserData(): CoreResult<string>;
  importUserData(text: string): CoreResult<CoreModelInfo>;
  /** How many events went. */
  forgetTask(taskId: string): CoreResult<number>;
  /** What smartsynch_fine_tune.wasm trains on; refused while there is too little feedback. */
  fineTuneTask(): CoreResult<Uint8Array>;
  /** How many events about a task came after that one, and the number of the log's last event. */
  taughtSince(sequence: number): CoreResult<{ count: number; last: number }>;
  /** Null ends it; no bytes: the base model is the challenger. */
  useExperiment(experiment: CoreExperiment | null, heads: Uint8Array): CoreResult<CoreModelInfo>;
  /** The arm of a task, which answers the next calls; null while no experiment runs. */
  chooseArm(
    title: string,
    description: string,
    key: string,
  ): CoreResult<"champion" | "challenger" | null>;
  /** The comparison so far; null while no experiment runs. */
  experiment(): CoreResult<CoreComparison | null>;
  /** No bytes: the base model answers again. */
  useHeads(heads: Uint8Array): CoreResult<CoreModelInfo>;
  modelInfo(): CoreResult<CoreModelInfo>;
  /** Frees the C++ object; no other method may be called after it. */
  delete(): void;
}

export interface CoreModule {
  Session: new () => Session;
}

/** Instantiates the module, at once, from the bytes of smartsynch_core.wasm or as `instantiateWasm` does. */
export default function createSmartSynchCore(options: {
  wasmBinary?: Uint8Array;
  /** Instead of `wasmBinary`: makes the instance from `imports`, hands it to `done`, returns its exports. */
  instantiateWasm?: (
    imports: WebAssembly.Imports,
    done: (instance: WebAssembly.Instance) => void,
  ) => object;
  /** Take what the module would print; by default the console does. */
  print?: (line: string) => void;
  printErr?: (line: string) => void;
}): CoreModule;
