import type { SentenceEncoder } from "../../src/encoder/ort_encoder.js";

/** Where no fine-tuning is begun. */
export function noFiles(): Promise<never> {
  return Promise.reject(new Error("not asked for"));
}

/** Every token id is a direction of its own; a text's embedding is the mean of its tokens'. */
export function idEncoder(dimension: number): SentenceEncoder {
  return {
    run: (batch: readonly Int32Array[]) => {
      const sequence = Math.max(...batch.map((ids) => ids.length));
      const values = new Float32Array(batch.length * sequence * dimension);
      batch.forEach((ids, row) => {
        ids.forEach((id, token) => {
          values[(row * sequence + token) * dimension + (id % dimension)] = 1;
        });
      });
      return Promise.resolve({ values, sequence });
    },
    threads: 1,
    dispose: () => Promise.resolve(),
  };
}
