/**
 * The messages between page and worker. Every request has an id and is answered by exactly one
 * `response` with the same id, before which any number of `progress` messages may come. A request
 * that was cancelled is answered too (usually with `cancelled`). Nothing else is shared.
 * @module
 */
import type { AssetRequest, FineTuneRequests } from "./assets/manifest.js";
import type { AnsweringVersions } from "./base/answering_versions.js";
import type { CheckedTask } from "./base/tasks.js";
import { AssetError, codeNameOf, SmartSynchError, toError } from "./errors.js";
import type { AssetName, CacheStatistics, FineTuned, Prediction } from "./types.js";

/** What the worker needs to begin. The small files come along, the large ones it fetches itself. */
export interface LoadPayload {
  /** Compiled by the page already. */
  wasm: WebAssembly.Module;
  model: Uint8Array;
  /** Of the model that is wanted, where that is known. */
  modelSha256?: string | undefined;
  vocabulary: Uint8Array;
  tokenTable: Uint8Array;
  runtime: AssetRequest;
  encoder: AssetRequest;
  /** Fetched when a fine-tuning begins. */
  fineTune: FineTuneRequests;
  /** Whether files are kept in Cache Storage. */
  cache: boolean;
  /** Bound of the prediction cache; the core has its own when left out. */
  cacheBytes?: number | undefined;
}

/** Every request: what goes in, what comes out, and what is reported in between. */
export interface Requests {
  /** Must come first; the others fail with `unavailable` until it has succeeded. */
  load: {
    payload: LoadPayload;
    result: { threads: number };
    progress: { asset: AssetName; loadedBytes: number; totalBytes: number };
  };
  predict: { payload: { task: CheckedTask }; result: Prediction; progress: never };
  predictBatch: {
    payload: { tasks: CheckedTask[] };
    result: Prediction[];
    progress: { done: number; total: number };
  };
  cacheStatistics: { payload: object; result: CacheStatistics; progress: never };
  /** An event's line in the feedback log, appended and embedded; answered with its embedding. */
  learn: { payload: { line: string }; result: string; progress: never };
  /** A whole feedback log in place of the worker's; answered with all embeddings. */
  restore: { payload: { lines: string }; result: string; progress: never };
  /** A fine-tuning on the worker's log; progress is its share, 0 to 1. */
  fineTune: { payload: object; result: FineTuned; progress: number };
  /** Someone is typing: a fine-tuning under way rests for a moment. */
  rest: { payload: object; result: null; progress: never };
  /** These versions answer from now on. */
  useVersions: { payload: AnsweringVersions; result: null; progress: never };
}

export type RequestType = keyof Requests;

/** Page to worker. */
export type ToWorker =
  | {
      [Type in RequestType]: {
        kind: "request";
        id: number;
        type: Type;
        payload: Requests[Type]["payload"];
      };
    }[RequestType]
  /** The caller no longer wants the answer to `id`. */
  | { kind: "cancel"; id: number };

/** Worker to page. */
export type FromWorker =
  | { kind: "progress"; id: number; value: unknown }
  | { kind: "response"; id: number; ok: true; value: unknown }
  /** `fatal`: the worker's state is unknown now, so it must be thrown away. */
  | { kind: "response"; id: number; ok: false; error: ErrorMessage; fatal: boolean };

/** An error as plain data. */
export interface ErrorMessage {
  code: number;
  message: string;
  field: string;
  stack: string | null;
  /** Set for an {@link AssetError}. */
  asset: { url: string; status: number } | null;
}

/** Makes an error fit for `postMessage`. What is not a {@link SmartSynchError} becomes `internal`. */
export function toErrorMessage(thrown: unknown): ErrorMessage {
  const error = toError(thrown);
  const known = error instanceof SmartSynchError ? error : null;
  const asset = error instanceof AssetError ? { url: error.url, status: error.status } : null;
  return {
    code: known?.code ?? new SmartSynchError("internal", "").code,
    message: known === null ? `${error.name}: ${error.message}` : error.message,
    field: known?.field ?? "",
    stack: error.stack ?? null,
    asset,
  };
}

/** The error that {@link toErrorMessage} was given, with the worker's stack as its cause. */
export function fromErrorMessage(message: ErrorMessage): SmartSynchError {
  const cause = message.stack === null ? {} : { cause: message.stack };
  const codeName = codeNameOf(message.code);
  return message.asset === null
    ? new SmartSynchError(codeName, message.message, message.field, cause)
    : new AssetError(codeName, message.message, message.asset, cause);
}
