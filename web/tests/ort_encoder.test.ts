import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

import * as ort from "onnxruntime-web/wasm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createOrtEncoder, type SentenceEncoder, threadsHere } from "../src/encoder/ort_encoder.js";

const DIMENSION = 384;
const runtimePath = createRequire(import.meta.url)
  .resolve("onnxruntime-web/wasm")
  .replace(/[^/]+$/, "ort-wasm-simd-threaded.wasm");
const graphPath = fileURLToPath(new URL("../../models/base_model/encoder.onnx", import.meta.url));
const read = (path: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(path));

/** Some of the vocabulary's ids. */
const idsOf = (length: number, seed: number): Int32Array =>
  Int32Array.from({ length }, (_, i) => 1000 + ((i * 7919 + seed * 104_729) % 28_000));

describe("threadsHere", () => {
  it.each([
    [false, 16, 1],
    [true, 1, 1],
    [true, 2, 1],
    [true, 4, 2],
    [true, 6, 3],
    [true, 64, 4],
    [true, undefined, 1],
  ])("isolated: %s, cores: %s: %d", (crossOriginIsolated, cores, threads) => {
    const navigator = cores === undefined ? {} : { hardwareConcurrency: cores };
    expect(threadsHere({ crossOriginIsolated, navigator })).toBe(threads);
  });

  it("is one in Node.js", () => {
    expect(threadsHere()).toBe(1);
  });
});

describe("createOrtEncoder", () => {
  let encoder: SentenceEncoder;
  let plain: ort.InferenceSession;
  const runtime = read(runtimePath);
  const graph = read(graphPath);
  beforeAll(async () => {
    encoder = await createOrtEncoder(runtime, graph, DIMENSION);
    plain = await ort.InferenceSession.create(read(graphPath), { executionProviders: ["wasm"] });
  });
  afterAll(async () => {
    await encoder.dispose();
    await plain.release();
  });

  async function runPlain(ids: Int32Array): Promise<Uint8Array> {
    const tensor = (data: BigInt64Array) => new ort.Tensor("int64", data, [1, ids.length]);
    const { last_hidden_state: hidden } = await plain.run({
      input_ids: tensor(BigInt64Array.from(ids, BigInt)),
      attention_mask: tensor(new BigInt64Array(ids.length).fill(1n)),
    });
    return bits(hidden?.data as Float32Array);
  }
  const bits = (values: Float32Array): Uint8Array =>
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

  it.each([1, 2, 5, 12, 32, 128, 200])(
    "gives the bits of the graph as it is, %i tokens",
    async (length) => {
      // Twice each: the second text of a length must not see the first one's ids.
      for (const seed of [1, 2]) {
        const { values, sequence } = await encoder.run([idsOf(length, seed)]);
        expect(sequence).toBe(length);
        expect(Buffer.compare(bits(values), await runPlain(idsOf(length, seed)))).toBe(0);
      }
    },
  );

  it("keeps an answer when the next one comes", async () => {
    const first = await encoder.run([idsOf(7, 1)]);
    const before = first.values.slice();
    await encoder.run([idsOf(7, 2)]);
    expect(first.values).toEqual(before);
  });

  it("pads a batch", async () => {
    const batch = [idsOf(3, 1), idsOf(9, 2)];
    const { values, sequence } = await encoder.run(batch);
    expect([sequence, values.length]).toEqual([9, 2 * 9 * DIMENSION]);
    const alone = await encoder.run([idsOf(3, 1)]);
    alone.values.forEach((value, i) => {
      expect(Math.abs(value - (values[i] ?? 0))).toBeLessThan(1e-4);
    });
  });

  it("has given the files' memory back", () => {
    expect([runtime.length, graph.length]).toEqual([0, 0]);
  });

  it("refuses what is no graph, and a graph of another width", async () => {
    const broken = new TextEncoder().encode("<!doctype html>");
    await expect(createOrtEncoder(read(runtimePath), broken, DIMENSION)).rejects.toMatchObject({
      codeName: "invalid_data",
    });
    await expect(createOrtEncoder(read(runtimePath), read(graphPath), 7)).rejects.toMatchObject({
      codeName: "incompatible",
    });
  });
});
