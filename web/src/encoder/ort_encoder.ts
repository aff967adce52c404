/**
 * Runs the sentence transformer's ONNX graph under ONNX Runtime Web, WebAssembly only, in one thread;
 * in several where the page is cross-origin isolated. Both files are served by ourselves.
 * @module
 */
import * as ort from "onnxruntime-web/wasm";

import { release } from "../base/release.js";
import { SmartSynchError } from "../errors.js";
import { detachWeights } from "./detach_weights.js";
import { Feeds } from "./feeds.js";

/** The encoder's output for a batch. */
export interface HiddenStates {
  /** Row-major [texts, sequence, dimension]; the rows of a shorter text are followed by padding. */
  values: Float32Array;
  sequence: number;
}

/** What the engine needs of an encoder. Calls must not overlap. */
export interface SentenceEncoder {
  run(batch: readonly Int32Array[]): Promise<HiddenStates>;
  /** How many threads a run takes. */
  readonly threads: number;
  dispose(): Promise<void>;
}

/** About the length of a title. */
const WARM_UP_TOKENS = 8;

/**
 * Starts ONNX Runtime, loads the graph and runs it once. Both files are used up: their memory is
 * given back.
 * @param runtime bytes of `ort-wasm-simd-threaded.wasm`
 * @param graph bytes of the ONNX file
 * @param dimension width of the hidden states that the model's head was trained on
 */
export async function createOrtEncoder(
  runtime: Uint8Array<ArrayBuffer>,
  graph: Uint8Array,
  dimension: number,
): Promise<SentenceEncoder> {
  ort.env.logLevel = "error";
  const threads = threadsHere();
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.proxy = false;
  ort.env.wasm.wasmBinary = runtime.buffer;
  const { graph: model, weights } = detachWeights(graph);
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(model, {
      executionProviders: ["wasm"],
      externalData: weights,
    });
  } catch (cause) {
    const message = `ONNX Runtime refused the encoder: ${String(cause)}`;
    throw new SmartSynchError("invalid_data", message, "encoder", { cause });
  } finally {
    // Compiled and copied by now, or of no use.
    delete ort.env.wasm.wasmBinary;
    for (const bytes of [runtime, graph, ...weights.map(({ data }) => data)]) release(bytes);
  }
  const encoder = new OrtEncoder(session, dimension, threads);
  try {
    // The first run is several times slower than the next ones, and it finds a graph of another
    // shape: better now than when somebody waits.
    await encoder.run([new Int32Array(WARM_UP_TOKENS)]);
  } catch (error) {
    await encoder.dispose();
    throw error;
  }
  return encoder;
}

class OrtEncoder implements SentenceEncoder {
  readonly #session: ort.InferenceSession;
  readonly #dimension: number;
  readonly #feeds: Feeds<ort.Tensor>;
  readonly threads: number;

  constructor(session: ort.InferenceSession, dimension: number, threads: number) {
    this.threads = threads;
    this.#session = session;
    this.#dimension = dimension;
    this.#feeds = new Feeds(
      session.inputNames,
      (values, shape) => new ort.Tensor("int64", values, shape),
    );
  }

  async run(batch: readonly Int32Array[]): Promise<HiddenStates> {
    const sequence = batch.reduce((most, { length }) => Math.max(most, length), 0);
    const results = await this.#session.run(this.#feeds.of(batch));
    const hidden = results[this.#session.outputNames[0] ?? ""];
    const expected = [batch.length, sequence, this.#dimension];
    if (hidden === undefined || !sameShape(hidden.dims, expected)) {
      const found = hidden?.dims.join(", ") ?? "";
      const message = `the encoder gave the shape [${found}], expected [${expected.join(", ")}]`;
      throw new SmartSynchError("incompatible", message, "encoder");
    }
    // A copy of its own already, in JavaScript's memory.
    return { values: hidden.data as Float32Array, sequence };
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}

/**
 * Memory can be shared by threads only in a page that is cross-origin isolated. A title is a small
 * task: more than four only wait for each other, and of many cores half are mere hyper-threads.
 */
export function threadsHere({
  crossOriginIsolated = false,
  navigator,
}: Partial<ThreadScope> = globalThis): number {
  const cores = navigator?.hardwareConcurrency ?? 1;
  return crossOriginIsolated ? Math.min(4, Math.ceil(cores / 2)) : 1;
}

/** What a page and a worker say of themselves; Node has only a part. */
interface ThreadScope {
  crossOriginIsolated: boolean;
  navigator: { hardwareConcurrency?: number };
}

function sameShape(found: readonly number[], expected: readonly number[]): boolean {
  return found.length === expected.length && expected.every((size, i) => size === found[i]);
}
