/**
 * Runs the sentence transformer's ONNX graph under ONNX Runtime Web, one thread, WebAssembly only:
 * nothing here needs cross-origin isolation, and both files are served by ourselves.
 * @module
 */
import * as ort from "onnxruntime-web/wasm";

import { SmartSynchError } from "../errors.js";

/** The encoder's output for a batch. */
export interface HiddenStates {
  /** Row-major [texts, sequence, dimension]; the rows of a shorter text are followed by padding. */
  values: Float32Array;
  sequence: number;
}

/** What the engine needs of an encoder. Calls must not overlap. */
export interface SentenceEncoder {
  run(batch: readonly Int32Array[]): Promise<HiddenStates>;
  dispose(): Promise<void>;
}

/** About the length of a title. */
const WARM_UP_TOKENS = 8;

const INPUTS = ["input_ids", "attention_mask", "token_type_ids"] as const;

/**
 * Starts ONNX Runtime, loads the graph and runs it once.
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
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.wasm.wasmBinary = runtime.buffer;
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(graph, { executionProviders: ["wasm"] });
  } catch (cause) {
    const message = `ONNX Runtime refused the encoder: ${String(cause)}`;
    throw new SmartSynchError("invalid_data", message, "encoder", { cause });
  } finally {
    // Compiled by now, or of no use; 14 MB that nothing else would let go.
    delete ort.env.wasm.wasmBinary;
  }
  const encoder = new OrtEncoder(session, dimension);
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

  constructor(session: ort.InferenceSession, dimension: number) {
    this.#session = session;
    this.#dimension = dimension;
  }

  async run(batch: readonly Int32Array[]): Promise<HiddenStates> {
    const sequence = Math.max(...batch.map((ids) => ids.length));
    const feeds = makeFeeds(batch, sequence, this.#session.inputNames);
    const results = await this.#session.run(feeds);
    for (const tensor of Object.values(feeds)) tensor.dispose();
    const hidden = results[this.#session.outputNames[0] ?? ""];
    const expected = [batch.length, sequence, this.#dimension];
    if (hidden?.dims.join() !== expected.join()) {
      const found = hidden?.dims.join(", ") ?? "";
      const message = `the encoder gave the shape [${found}], expected [${expected.join(", ")}]`;
      throw new SmartSynchError("incompatible", message, "encoder");
    }
    const values = (await hidden.getData()) as Float32Array;
    // The values are a copy of their own; what the tensors hold beside them goes now.
    for (const tensor of Object.values(results)) tensor.dispose();
    return { values, sequence };
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}

/** [PAD] has id 0 and mask 0; a text is one segment, so its token types are all 0. */
function makeFeeds(
  batch: readonly Int32Array[],
  sequence: number,
  inputNames: readonly string[],
): Record<string, ort.Tensor> {
  const size = batch.length * sequence;
  const ids = new BigInt64Array(size);
  const mask = new BigInt64Array(size);
  batch.forEach((row, index) => {
    row.forEach((id, position) => {
      ids[index * sequence + position] = BigInt(id);
    });
    mask.fill(1n, index * sequence, index * sequence + row.length);
  });
  const tensor = (data: BigInt64Array): ort.Tensor =>
    new ort.Tensor("int64", data, [batch.length, sequence]);
  const feeds: Record<string, ort.Tensor> = {};
  const values = [ids, mask, new BigInt64Array(size)];
  INPUTS.forEach((name, index) => {
    const data = values[index];
    if (data !== undefined && inputNames.includes(name)) feeds[name] = tensor(data);
  });
  return feeds;
}
