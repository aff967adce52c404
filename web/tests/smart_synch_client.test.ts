import { describe, expect, it, vi } from "vitest";

import { SmartSynchError } from "../src/errors.js";
import { FakeTier, setUp } from "./support/client.js";

describe("predict", () => {
  it("waits for the full tier while it loads", async () => {
    const { client, loads, notices } = setUp();
    expect(client.fullTier).toEqual({ status: "loading" });
    const answer = client.predict({ title: "a" });
    const tier = new FakeTier();
    loads[0]?.finish(tier);
    await expect(client.ready()).resolves.toEqual({ status: "ready", threads: 1 });
    await vi.waitFor(() => {
      tier.calls[0]?.resolve();
      expect(tier.calls).toHaveLength(1);
    });
    await expect(answer).resolves.toMatchObject({ tier: "full", modelVersion: "a" });
    expect(notices).toEqual([{ kind: "full-tier-ready" }]);
  });

  it("is answered by the instant tier when the full one cannot be loaded", async () => {
    const { client, loads, notices } = setUp();
    const answer = client.predict({ title: "a" });
    const error = new SmartSynchError("unavailable", "404");
    loads[0]?.fail(error);
    await expect(answer).resolves.toMatchObject({ tier: "instant" });
    expect(client.fullTier).toEqual({ status: "failed", error });
    expect(notices).toEqual([{ kind: "full-tier-failed", error }]);
  });

  it("needs no full tier with encoder: false", async () => {
    const { client } = setUp({ encoder: false });
    expect(client.fullTier).toEqual({ status: "off" });
    await expect(client.predict({ title: "a" })).resolves.toMatchObject({ tier: "instant" });
  });

  it("rejects a bad task instead of throwing", async () => {
    const { client } = setUp();
    const call = client.predict({ title: 1 } as never);
    await expect(call).rejects.toMatchObject({ field: "task.title" });
  });

  it("is given up while it waits for loading", async () => {
    const { client } = setUp();
    const controller = new AbortController();
    const call = client.predict({ title: "a" }, { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("predictBatch", () => {
  it("asks the full tier, or the instant one where there is none", async () => {
    const { client, loads } = setUp();
    loads[0]?.finish(new FakeTier());
    const tasks = [{ title: "a" }, { title: "b" }];
    await expect(client.predictBatch(tasks)).resolves.toMatchObject([
      { modelVersion: "a", tier: "full" },
      { modelVersion: "b", tier: "full" },
    ]);
    const progress: number[][] = [];
    const alone = setUp({ encoder: false }).client;
    const answers = await alone.predictBatch(tasks, {
      onProgress: (...counts) => progress.push(counts),
    });
    expect(answers.map(({ tier }) => tier)).toEqual(["instant", "instant"]);
    expect(progress).toEqual([[2, 2]]);
  });
});

describe("a worker that breaks down", () => {
  it("is replaced, and the next call is answered by the new one", async () => {
    const { client, loads, notices } = setUp();
    loads[0]?.finish(new FakeTier());
    await client.ready();
    const error = new SmartSynchError("internal", "trap");
    loads[0]?.events.onBreakdown(error);
    expect(client.fullTier).toEqual({ status: "loading" });
    await Promise.resolve();
    expect(notices.at(-1)).toEqual({ kind: "worker-restarted", error });
    const tier = new FakeTier();
    loads[1]?.finish(tier);
    const answer = client.predict({ title: "a" });
    await vi.waitFor(() => {
      expect(tier.calls).toHaveLength(1);
    });
    tier.calls[0]?.resolve();
    await expect(answer).resolves.toMatchObject({ tier: "full" });
  });

  it("is given up after three breakdowns without an answer between, until asked again", async () => {
    const { client, loads, notices } = setUp();
    for (let i = 0; i < 3; i += 1) {
      loads[i]?.finish(new FakeTier());
      await client.ready();
      loads[i]?.events.onBreakdown(new Error(`trap ${String(i)}`));
    }
    expect(loads).toHaveLength(3);
    expect(client.fullTier).toMatchObject({ status: "failed" });
    await Promise.resolve();
    expect(notices.at(-1)).toMatchObject({ kind: "full-tier-failed" });
    await expect(client.predict({ title: "a" })).resolves.toMatchObject({ tier: "instant" });
    const again = client.retryFullTier();
    expect(loads).toHaveLength(4);
    loads[3]?.finish(new FakeTier());
    await expect(again).resolves.toEqual({ status: "ready", threads: 1 });
  });
});

describe("dispose", () => {
  it("rejects pending calls, ends sessions, and can be called twice", async () => {
    const { client, loads, notices, coreDisposed } = setUp();
    const tier = new FakeTier();
    loads[0]?.finish(tier);
    await client.ready();
    const field = client.openField();
    const next = field[Symbol.asyncIterator]().next();
    const pending = client.predict({ title: "a" });
    await vi.waitFor(() => {
      expect(tier.calls).toHaveLength(1);
    });
    client.dispose();
    client.dispose();
    await expect(pending).rejects.toMatchObject({ codeName: "cancelled" });
    await expect(next).resolves.toEqual({ done: true, value: undefined });
    expect([tier.disposed, coreDisposed()]).toEqual([1, 1]);
    expect(notices).toEqual([{ kind: "full-tier-ready" }]);
  });

  it("rejects calls that wait for loading, without a notice", async () => {
    const { client, notices } = setUp();
    const pending = client.predict({ title: "a" });
    client.dispose();
    await expect(pending).rejects.toMatchObject({ codeName: "cancelled" });
    expect(notices).toEqual([]);
  });

  it("makes every later call fail", async () => {
    const { client } = setUp();
    client.dispose();
    const gone = expect.objectContaining({ codeName: "cancelled" }) as Error;
    await expect(client.predict({ title: "a" })).rejects.toEqual(gone);
    await expect(client.predictBatch([])).rejects.toEqual(gone);
    await expect(client.addCategory({ name: "a" })).rejects.toEqual(gone);
    expect(() => client.predictInstant({ title: "a" })).toThrow(gone);
    expect(() => client.categories()).toThrow(gone);
    expect(() => client.openField()).toThrow(gone);
  });
});

describe("addCategory", () => {
  it("checks the name's type", async () => {
    const { client } = setUp();
    for (const bad of [{ name: 5 }, {}, null, undefined]) {
      const call = client.addCategory(bad as never);
      await expect(call).rejects.toMatchObject({ codeName: "invalid_argument", field: "name" });
    }
    await expect(client.addCategory({ name: "Ops" })).resolves.toEqual({ id: "ops", name: "Ops" });
  });
});
