// A session of the real module that breaks down: when another one takes its place, and when none does.
import { afterEach, describe, expect, it, vi } from "vitest";

import { Core, CoreTrapError } from "../src/core/core_module.js";
import { LiveSession } from "../src/core/live_session.js";
import { refuseMemory } from "./support/memory.js";
import { coreBytes } from "./support/paths.js";

const bytes = coreBytes();

afterEach(() => {
  vi.restoreAllMocks();
});

describe("LiveSession", () => {
  const trap = (): never => {
    throw new WebAssembly.RuntimeError("unreachable");
  };

  it("is started anew a bounded number of times in a row, also where restoring breaks down", async () => {
    for (const [restoring, expected] of [
      [() => undefined, 2],
      [trap, 2],
      [(live: LiveSession) => live.call(trap), 2],
    ] as const) {
      const { live } = await LiveSession.start(bytes, true);
      let restored = 0;
      live.restore = () => {
        restored += 1;
        restoring(live);
      };
      for (let i = 0; i < 10; i++) expect(() => live.call(trap)).toThrow(/unreachable/);
      expect(restored).toBe(expected);
      live.end();
      expect(() => live.call(trap)).toThrow("disposed");
    }
  });

  it("is started anew as often as it works in between", async () => {
    const { live } = await LiveSession.start(bytes, true);
    let restored = 0;
    live.restore = () => (restored += 1);
    for (let i = 0; i < 6; i++) {
      expect(() => live.call(trap)).toThrow(CoreTrapError);
      expect(live.call((session) => session.categories()).length).toBeGreaterThan(0);
    }
    expect(restored).toBe(6);
    live.end();
  });

  it("is not used half restored", async () => {
    const { live } = await LiveSession.start(bytes, true);
    live.restore = () => {
      throw new Error("not restored");
    };
    expect(() => live.call(trap)).toThrow(CoreTrapError);
    expect(() => live.call((session) => session.categories())).toThrow("not restored");
    live.restore = () => undefined;
    expect(live.call((session) => session.categories()).length).toBeGreaterThan(0);
    live.end();
  });

  it("breaks down, too, when the stack is at its end in the middle of a call", async () => {
    const { live } = await LiveSession.start(bytes, false);
    const error = new RangeError("Maximum call stack size exceeded");
    const overflow = (): never => {
      throw error;
    };
    expect(() => live.call(overflow)).toThrow(CoreTrapError);
    expect(() => live.call((session) => session.categories())).toThrow(CoreTrapError);
  });

  it("fails by a typed error when there is no memory to start with", async () => {
    refuseMemory();
    const starting = Core.create({ ...bytes, tokenTable: new Uint8Array(60_000_000) });
    await expect(starting).rejects.toMatchObject({ codeName: "resource_exhausted" });
  });
});
