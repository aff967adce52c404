import { describe, expect, it, vi } from "vitest";

import { SmartSynch } from "../src/node.js";
import { FakeTier, setUp } from "./support/client.js";

describe("the signal of create", () => {
  it("ends loading the full tier, and disposes of what arrives late", async () => {
    const controller = new AbortController();
    const { client, loads } = setUp({ signal: controller.signal });
    controller.abort();
    await expect(client.ready()).resolves.toMatchObject({
      status: "failed",
      error: { name: "AbortError" },
    });
    expect(loads[0]?.signal.aborted).toBe(true);
    const late = new FakeTier();
    loads[0]?.finish(late);
    await vi.waitFor(() => {
      expect(late.disposed).toBe(1);
    });
  });

  it("is for the first loading: a worker that breaks down later is replaced all the same", async () => {
    const controller = new AbortController();
    const { client, loads } = setUp({ signal: controller.signal });
    loads[0]?.finish(new FakeTier());
    await client.ready();
    controller.abort();
    loads[0]?.events.onBreakdown(new Error("crashed"));
    loads[1]?.finish(new FakeTier());
    await expect(client.ready()).resolves.toEqual({ status: "ready", threads: 1 });
  });

  it("does not keep retryFullTier from loading", async () => {
    const { client, loads } = setUp({ signal: AbortSignal.abort() });
    await expect(client.ready()).resolves.toMatchObject({ status: "failed" });
    const again = client.retryFullTier();
    loads[0]?.finish(new FakeTier());
    await expect(again).resolves.toEqual({ status: "ready", threads: 1 });
  });
});

describe("options", () => {
  it.each([
    [null, "options"],
    [5, "options"],
    [{ signal: null }, "options.signal"],
    [{ signal: {} }, "options.signal"],
    [{ autoFineTune: 20 }, "options.autoFineTune"],
    [{ autoFineTune: null }, "options.autoFineTune"],
    [{ autoFineTune: { corrections: 19 } }, "options.autoFineTune.corrections"],
    [{ autoFineTune: { corrections: NaN } }, "options.autoFineTune.corrections"],
    [{ autoFineTune: { idleMs: -1 } }, "options.autoFineTune.idleMs"],
    [{ autoFineTune: { idleMs: "0" } }, "options.autoFineTune.idleMs"],
  ])("%j is refused by name", async (options, field) => {
    const { client } = setUp({ encoder: false });
    const refused = expect.objectContaining({ codeName: "invalid_argument", field }) as Error;
    await expect(client.predict({ title: "a" }, options as never)).rejects.toEqual(refused);
    await expect(client.predictBatch([], options as never)).rejects.toEqual(refused);
    expect(() => client.openField(options as never)).toThrow(refused);
    await expect(SmartSynch.create(options as never)).rejects.toEqual(refused);
  });
});
