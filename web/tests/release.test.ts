import { describe, expect, it } from "vitest";

import { release } from "../src/base/release.js";

describe("release", () => {
  it("empties bytes that are a whole buffer", () => {
    const bytes = new Uint8Array(8).fill(1);
    release(bytes);
    expect(bytes.length).toBe(0);
    expect(bytes.buffer.byteLength).toBe(0);
    release(bytes);
  });

  it("leaves a part of a larger buffer alone", () => {
    const whole = new Uint8Array(8).fill(1);
    release(whole.subarray(2, 4));
    release(whole.subarray(0, 0));
    expect(whole).toEqual(new Uint8Array(8).fill(1));
  });

  it("takes nothing", () => {
    const nothing = new Uint8Array();
    release(nothing);
    expect(nothing.length).toBe(0);
  });
});
