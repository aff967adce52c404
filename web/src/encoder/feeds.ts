/**
 * From token ids to the graph's inputs. [PAD] has id 0 and mask 0; a text is one segment, so its
 * token types are all 0.
 * @module
 */
import { Tensor } from "onnxruntime-web/wasm";

/** Inputs by name. */
export type Feeds = Record<string, Tensor>;

/** What is asked for at every letter typed is at most this long; longer texts are rare. */
const MOST_KEPT_TOKENS = 128;

/**
 * The inputs of one text at a time. Texts of one length differ in their ids alone, so the tensors of
 * a length are made once: what `of` answers is valid until it is called again.
 */
export class SingleTextFeeds {
  readonly #inputNames: readonly string[];
  readonly #kept: ({ feeds: Feeds; ids: Int32Array } | undefined)[] = [];

  constructor(inputNames: readonly string[]) {
    this.#inputNames = inputNames;
  }

  of(ids: Int32Array): Feeds {
    if (ids.length > MOST_KEPT_TOKENS) return textsFeeds([ids], this.#inputNames);
    const kept = (this.#kept[ids.length] ??= this.#make(ids.length));
    copyIds(ids, kept.ids, 0);
    return kept.feeds;
  }

  #make(length: number): { feeds: Feeds; ids: Int32Array } {
    const inputs = makeInputs(1, length);
    inputs.mask.fill(1n);
    return { feeds: toFeeds(inputs, this.#inputNames), ids: new Int32Array(inputs.ids.buffer) };
  }
}

/** The inputs of several texts, padded to the longest. */
export function textsFeeds(batch: readonly Int32Array[], inputNames: readonly string[]): Feeds {
  const sequence = batch.reduce((most, { length }) => Math.max(most, length), 0);
  const inputs = makeInputs(batch.length, sequence);
  const ids = new Int32Array(inputs.ids.buffer);
  batch.forEach((row, index) => {
    copyIds(row, ids, index * sequence);
    inputs.mask.fill(1n, index * sequence, index * sequence + row.length);
  });
  return toFeeds(inputs, inputNames);
}

interface Inputs {
  ids: BigInt64Array;
  mask: BigInt64Array;
  types: BigInt64Array;
  shape: [number, number];
}

function makeInputs(texts: number, sequence: number): Inputs {
  const make = (): BigInt64Array => new BigInt64Array(texts * sequence);
  return { ids: make(), mask: make(), types: make(), shape: [texts, sequence] };
}

/**
 * Writes 64-bit integers as pairs of words, the low one first, as WebAssembly and so every host has
 * them: without a BigInt for each. Ids are never negative, so the high words stay 0.
 */
function copyIds(ids: Int32Array, words: Int32Array, at: number): void {
  for (let i = 0; i < ids.length; i += 1) words[2 * (at + i)] = ids[i] ?? 0;
}

function toFeeds({ ids, mask, types, shape }: Inputs, inputNames: readonly string[]): Feeds {
  const inputs = { input_ids: ids, attention_mask: mask, token_type_ids: types };
  const feeds: Feeds = {};
  for (const [name, data] of Object.entries(inputs)) {
    if (inputNames.includes(name)) feeds[name] = new Tensor("int64", data, shape);
  }
  return feeds;
}
