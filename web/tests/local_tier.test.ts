// The full tier in the caller's thread (Node), with the real core and an encoder made up.
import { afterEach, describe, expect, it, vi } from "vitest";

import type { CreateOptions, Notice } from "../src/types.js";
import { HUGE, withoutMemory } from "./support/memory.js";
import { TunableClient } from "./support/tunable_client.js";
import { teachSome } from "./support/version_keeper.js";

const clients: TunableClient[] = [];

async function open(options: CreateOptions = {}): Promise<TunableClient> {
  const client = await TunableClient.make(options);
  clients.push(client);
  return client;
}

afterEach(() => {
  vi.restoreAllMocks();
  for (const client of clients.splice(0)) client.dispose();
});

describe("the full tier in the caller's thread", () => {
  it("is loaded anew, with what was taught, after its core broke down", async () => {
    const notices: Notice[] = [];
    const client = await open({ onNotice: (notice) => notices.push(notice) });
    await teachSome(client);
    const before = await client.predict({ title: "Water the plants" });
    const error = await withoutMemory(() => client.predict({ title: HUGE }));
    expect(error).toMatchObject({ codeName: "resource_exhausted" });
    expect(await client.predict({ title: "Water the plants" })).toEqual(before);
    expect(notices.map(({ kind }) => kind)).toEqual([
      "full-tier-ready",
      "worker-restarted",
      "full-tier-ready",
    ]);
  });

  it("is not thrown away for what a caller's own function throws", async () => {
    const notices: Notice[] = [];
    const client = await open({ onNotice: (notice) => notices.push(notice) });
    const onProgress = (): never => {
      throw new RangeError("the bar is too long");
    };
    const batch = client.predictBatch([{ title: "Buy bread" }], { onProgress });
    await expect(batch).rejects.toThrow("the bar is too long");
    expect((await client.predict({ title: "Buy bread" })).tier).toBe("full");
    expect(notices).toEqual([{ kind: "full-tier-ready" }]);
  });

  it("is given up after it broke down three times in a row", async () => {
    const client = await open();
    for (let i = 0; i < 3; i++) {
      expect(await withoutMemory(() => client.predict({ title: HUGE }))).toBeDefined();
      await client.ready();
    }
    expect(client.fullTier).toMatchObject({ status: "failed" });
    expect((await client.predict({ title: "Water the plants" })).tier).toBe("instant");
    expect(await client.retryFullTier()).toMatchObject({ status: "ready" });
  });

  it("ends an experiment although the version that is to answer does not fit", async () => {
    const client = await open();
    await teachSome(client);
    const challenger = await client.keepVersion("research");
    const unfit = await client.keepVersion("design", "0123456789abcdef");
    await client.startExperiment({ challenger });
    const task = { title: "Buy bread", taskId: "a" };
    expect(await client.predict(task)).toHaveProperty("experiment");
    await client.activateVersion(unfit);
    expect(client.predictInstant(task)).not.toHaveProperty("experiment");
    expect(await client.predict(task)).not.toHaveProperty("experiment");
  });
});
