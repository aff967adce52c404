import { describe, expect, it } from "vitest";

import { Feeds } from "../src/encoder/feeds.js";

const make = (names: string[]) => new Feeds(names, (values, shape) => ({ values, shape }));
const all = ["input_ids", "attention_mask", "token_type_ids"];

describe("Feeds", () => {
  it("gives one text its ids, with everything attended to", () => {
    expect(make(all).of([Int32Array.of(101, 7592, 102)])).toEqual({
      input_ids: { values: BigInt64Array.of(101n, 7592n, 102n), shape: [1, 3] },
      attention_mask: { values: BigInt64Array.of(1n, 1n, 1n), shape: [1, 3] },
      token_type_ids: { values: BigInt64Array.of(0n, 0n, 0n), shape: [1, 3] },
    });
  });

  it("has nothing of an earlier text of the same length", () => {
    const feeds = make(all);
    const first = feeds.of([Int32Array.of(101, 30_521, 102)]);
    feeds.of([Int32Array.of(101, 9, 9, 102)]);
    const second = feeds.of([Int32Array.of(101, 0, 102)]);
    expect(second["input_ids"]?.values).toEqual(BigInt64Array.of(101n, 0n, 102n));
    expect(second).toBe(first);
  });

  it("pads the shorter of several texts", () => {
    const batch = [Int32Array.of(101, 5, 6, 102), Int32Array.of(101, 102)];
    const { input_ids: ids, attention_mask: mask } = make(all).of(batch);
    expect(ids).toEqual({
      values: BigInt64Array.of(101n, 5n, 6n, 102n, 101n, 102n, 0n, 0n),
      shape: [2, 4],
    });
    expect(mask?.values).toEqual(BigInt64Array.of(1n, 1n, 1n, 1n, 1n, 1n, 0n, 0n));
  });

  it("keeps no long text", () => {
    const feeds = make(all);
    const long = new Int32Array(500).fill(3);
    expect(feeds.of([long])).not.toBe(feeds.of([long]));
    expect(feeds.of([long])["input_ids"]?.values[499]).toBe(3n);
  });

  it("gives the graph the inputs that it has", () => {
    expect(Object.keys(make(["attention_mask", "input_ids"]).of([Int32Array.of(1)]))).toEqual([
      "input_ids",
      "attention_mask",
    ]);
    expect(make([]).of([Int32Array.of(1)])).toEqual({});
    expect(make(all).of([])["input_ids"]).toEqual({ values: new BigInt64Array(), shape: [0, 0] });
  });
});
