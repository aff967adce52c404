/**
 * What goes into a core.
 * @module
 */

/**
 * The bytes that a core needs: the module, a trained model, the encoder's vocabulary, and the token
 * table that the model was trained with (empty for a model without one).
 */
export interface CoreBytes {
  /** One module may serve page and worker. */
  wasm: WebAssembly.Module;
  model: Uint8Array;
  /** In hexadecimal digits, of the model that is wanted, where that is known: it loads faster. */
  modelSha256?: string | undefined;
  vocabulary: Uint8Array;
  tokenTable: Uint8Array;
  /** Bound of the prediction cache; the core has its own when left out. */
  cacheBytes?: number | undefined;
}

/** An event of the feedback log before it has a number; data/README.md describes every field. */
export type FeedbackRecord = { kind: string; time_ms: number } & Record<string, unknown>;
