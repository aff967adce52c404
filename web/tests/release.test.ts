import { describe, expect, it } from "vitest";

import { release } from "../src/base/release.js";

const can = "transfer" in ArrayBuffer.prototype;

describe("release", () => {
  it("empties bytes that are a whole buffer", () => {
    const bytes = new Uint8Array(8).fill(1);
    release(bytes);
    expect(bytes.length).toBe(can ? 0 : 8);
    release(bytes);
  });

  it("leaves a part of a larger buffer alone", () => {
    const whole = new Uint8Array(8).fill(1);
    release(whole.subarray(2, 4));
    expect(whole).toEqual(new Uint8Array(8).fill(1));
  });

  it("does nothing where the platform cannot", () => {
    const bytes = new Uint8Array(4).fill(1);
    Object.defineProperty(bytes.buffer, "transfer", { value: undefined });
    release(bytes);
    expect(bytes).toEqual(new Uint8Array(4).fill(1));
  });
});
