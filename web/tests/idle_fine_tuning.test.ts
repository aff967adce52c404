import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { IdleFineTuning } from "../src/client/idle_fine_tuning.js";

type Outcome = "done" | "again" | "failed";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** `finish` ends the run under way. */
function setUp(options: ConstructorParameters<typeof IdleFineTuning>[0] = {}): {
  idle: IdleFineTuning;
  host: { taught: number; runs: number };
  finish: (outcome: Outcome) => Promise<void>;
} {
  const host = { taught: 20, runs: 0 };
  let end: ((outcome: Outcome) => void) | null = null;
  const idle = new IdleFineTuning(options, {
    pending: () => host.taught,
    run: () => {
      host.runs += 1;
      return new Promise((resolve) => {
        end = resolve;
      });
    },
  });
  const finish = async (outcome: Outcome): Promise<void> => {
    end?.(outcome);
    await vi.advanceTimersByTimeAsync(0);
  };
  return { idle, host, finish };
}

describe("IdleFineTuning", () => {
  it("waits for a pause in typing, however long it takes", async () => {
    const { idle, host } = setUp();
    idle.taught();
    for (let i = 0; i < 50; i++) {
      idle.typed();
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(host.runs).toBe(0);
    await vi.advanceTimersByTimeAsync(1900);
    expect(host.runs).toBe(0);
    await vi.advanceTimersByTimeAsync(200);
    expect(host.runs).toBe(1);
  });

  it("looks only when something was taught, and runs only when that is enough", async () => {
    const { idle, host } = setUp({ corrections: 30, idleMs: 100 });
    await vi.advanceTimersByTimeAsync(10_000);
    idle.taught();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(host.runs).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    host.taught = 30;
    idle.taught();
    await vi.advanceTimersByTimeAsync(100);
    expect(host.runs).toBe(1);
  });

  it("runs one at a time; what was taught meanwhile is looked at afterwards", async () => {
    const { idle, host, finish } = setUp({ idleMs: 100 });
    idle.taught();
    await vi.advanceTimersByTimeAsync(100);
    for (let i = 0; i < 25; i++) idle.taught();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(host.runs).toBe(1);
    await finish("done");
    await vi.advanceTimersByTimeAsync(100);
    expect(host.runs).toBe(2);
    host.taught = 0;
    await finish("done");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(host.runs).toBe(2);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("tries again what could not be done now, and after a failure only when taught again", async () => {
    const { idle, host, finish } = setUp({ idleMs: 100 });
    idle.taught();
    await vi.advanceTimersByTimeAsync(100);
    await finish("again");
    await vi.advanceTimersByTimeAsync(100);
    expect(host.runs).toBe(2);
    await finish("failed");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(host.runs).toBe(2);
    idle.taught();
    await vi.advanceTimersByTimeAsync(100);
    expect(host.runs).toBe(3);
  });

  it("does nothing once stopped", async () => {
    const { idle, host, finish } = setUp({ idleMs: 100 });
    idle.taught();
    idle.stop();
    await vi.advanceTimersByTimeAsync(1000);
    idle.taught();
    await vi.advanceTimersByTimeAsync(1000);
    expect(host.runs).toBe(0);
    const other = setUp({ idleMs: 100 });
    other.idle.taught();
    await vi.advanceTimersByTimeAsync(100);
    other.idle.stop();
    await other.finish("again");
    await finish("again");
    await vi.advanceTimersByTimeAsync(1000);
    expect(other.host.runs).toBe(1);
  });

  it("asks the browser for a moment without other work, where it can be asked", async () => {
    const asked: (() => void)[] = [];
    vi.stubGlobal("requestIdleCallback", (run: () => void) => asked.push(run));
    const { idle, host } = setUp({ idleMs: 100 });
    idle.taught();
    await vi.advanceTimersByTimeAsync(1000);
    expect(host.runs).toBe(0);
    expect(asked).toHaveLength(1);
    asked[0]?.();
    expect(host.runs).toBe(1);
  });
});
