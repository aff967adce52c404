/** Makes a tensor of 64-bit integers; its values are written to afterwards, so it must not copy. */
export type MakeTensor<Tensor> = (values: BigInt64Array, shape: [number, number]) => Tensor;

/** What is asked for at every letter typed is at most this long; longer texts are rare. */
const MOST_KEPT_TOKENS = 128;

/**
 * From token ids to the graph's inputs. [PAD] has id 0 and mask 0; a text is one segment, so its
 * token types are all 0.
 *
 * Single texts of one length differ in their ids alone, so the tensors of a length are made once:
 * what `of` answers is valid until it is called again.
 */
export class Feeds<Tensor> {
  readonly #inputNames: readonly string[];
  readonly #makeTensor: MakeTensor<Tensor>;
  readonly #kept: ({ feeds: Record<string, Tensor>; ids: Int32Array } | undefined)[] = [];

  constructor(inputNames: readonly string[], makeTensor: MakeTensor<Tensor>) {
    this.#inputNames = inputNames;
    this.#makeTensor = makeTensor;
  }

  /** The inputs by name; several texts are padded to the longest. */
  of(batch: readonly Int32Array[]): Record<string, Tensor> {
    const [ids] = batch;
    if (ids === undefined || batch.length > 1 || ids.length > MOST_KEPT_TOKENS) {
      return this.#make(batch).feeds;
    }
    const kept = this.#kept[ids.length];
    if (kept === undefined) return (this.#kept[ids.length] = this.#make(batch)).feeds;
    copyIds(ids, kept.ids, 0);
    return kept.feeds;
  }

  #make(batch: readonly Int32Array[]): { feeds: Record<string, Tensor>; ids: Int32Array } {
    const sequence = batch.reduce((most, { length }) => Math.max(most, length), 0);
    const values = (): BigInt64Array => new BigInt64Array(batch.length * sequence);
    const inputs = { input_ids: values(), attention_mask: values(), token_type_ids: values() };
    const ids = new Int32Array(inputs.input_ids.buffer);
    batch.forEach((row, index) => {
      copyIds(row, ids, index * sequence);
      inputs.attention_mask.fill(1n, index * sequence, index * sequence + row.length);
    });
    const feeds: Record<string, Tensor> = {};
    for (const [name, data] of Object.entries(inputs)) {
      if (!this.#inputNames.includes(name)) continue;
      feeds[name] = this.#makeTensor(data, [batch.length, sequence]);
    }
    return { feeds, ids };
  }
}

/**
 * Writes 64-bit integers as pairs of words, the low one first, as WebAssembly and so every host has
 * them: without a BigInt for each. Ids are never negative, so the high words stay 0.
 */
function copyIds(ids: Int32Array, words: Int32Array, at: number): void {
  for (let i = 0; i < ids.length; i += 1) words[2 * (at + i)] = ids[i] ?? 0;
}
