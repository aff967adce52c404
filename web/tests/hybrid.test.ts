import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { HybridSynch, type LocalPart, RemoteSynch, SmartSynchError } from "../src/remote/index.js";
import type { Feedback, FullTierState, Prediction } from "../src/types.js";
import { FakeServer } from "./support/fake_server.js";

/** A device's part that can be told how it is. */
class Device implements LocalPart {
  fullTier: FullTierState = { status: "ready", threads: 1 };
  failure: Error | null = null;
  readonly learnt: Feedback[] = [];
  disposed = false;

  predict(): Promise<Prediction> {
    if (this.failure !== null) return Promise.reject(this.failure);
    return Promise.resolve({
      decision: "suggest",
      category: null,
      categoryId: null,
      confidence: 0,
      novelty: 0,
      suggestions: [],
      tier: "instant",
      modelVersion: "device",
      truncated: false,
    });
  }
  async predictBatch(tasks: readonly unknown[]): Promise<Prediction[]> {
    return Promise.all(tasks.map(() => this.predict()));
  }
  feedback(feedback: Feedback): Promise<{ sequence: number }> {
    this.learnt.push(feedback);
    return Promise.resolve({ sequence: this.learnt.length });
  }
  categories(): { id: string; name: string }[] {
    return [{ id: "mine", name: "Mine" }];
  }
  dispose(): void {
    this.disposed = true;
  }
}

let server: FakeServer;
let device: Device;
let remote: RemoteSynch;
beforeEach(async () => {
  server = await FakeServer.start();
  device = new Device();
  remote = await RemoteSynch.create({ baseUrl: server.url, retries: 0 });
});
afterEach(async () => {
  await server.stop();
});

const task = { title: "a" };
const who = async (synch: HybridSynch): Promise<string> =>
  (await synch.predict(task)).modelVersion === "device" ? "device" : "server";

describe("HybridSynch", () => {
  it("local first: the server where the device cannot, the device where neither can fully", async () => {
    const synch = new HybridSynch({ local: device, remote });
    expect(await who(synch)).toBe("device");
    for (const status of ["loading", "waiting", "off"] as const) {
      device.fullTier = { status };
      expect(await who(synch)).toBe("server");
    }
    server.next.push("hang up");
    expect(await who(synch)).toBe("device");
    device.fullTier = { status: "ready", threads: 1 };
    device.failure = new SmartSynchError("unavailable", "worker broke down");
    expect(await who(synch)).toBe("server");
    expect((await synch.predictBatch([task, task])).map((one) => one.tier)).toEqual([
      "full",
      "full",
    ]);
    device.failure = new SmartSynchError("invalid_argument", "no");
    await expect(synch.predict(task)).rejects.toThrow("no");
    expect(synch.categories()).toEqual([{ id: "mine", name: "Mine" }]);
  });

  it("remote first: the device while the server is away", async () => {
    const synch = new HybridSynch({ local: device, remote, first: "remote" });
    expect(await who(synch)).toBe("server");
    server.next.push({ status: 503 });
    expect(await who(synch)).toBe("device");
    server.next.push({ status: 422, body: '{"code":"invalid_data","detail":"bad"}' });
    await expect(synch.predict(task)).rejects.toThrow("bad");
  });

  it("without a device the server alone answers", async () => {
    const synch = new HybridSynch({ local: null, remote });
    expect(await who(synch)).toBe("server");
    expect(synch.categories().length).toBe(2);
    server.next.push("hang up");
    await expect(synch.predict(task)).rejects.toMatchObject({ codeName: "unavailable" });
    expect(await synch.feedback({ ...task, category: "Design" })).toEqual({
      sequence: 7,
      server: "stored",
    });
  });

  it("feedback reaches both, each exactly once, also through a server that is away", async () => {
    const synch = new HybridSynch({ local: device, remote });
    const say = (title: string): ReturnType<HybridSynch["feedback"]> =>
      synch.feedback({ title, category: "Design" });
    expect(await say("1")).toEqual({ sequence: 1, server: "stored" });
    server.next.push("hang up");
    expect(await say("2")).toEqual({ sequence: 2, server: "waiting" });
    server.next.push({ status: 503 });
    expect(await say("3")).toEqual({ sequence: 3, server: "waiting" });
    expect(synch.waiting).toBe(2);
    expect(await say("4")).toEqual({ sequence: 4, server: "stored" });
    expect(synch.waiting).toBe(0);
    const titles = [...server.stored.values()].map((body) => (body as { title: string }).title);
    expect(titles.sort()).toEqual(["1", "2", "3", "4"]);
    server.next.push({ status: 400, body: '{"code":"invalid_argument","detail":"no such"}' });
    expect(await say("5")).toMatchObject({ server: "refused" });
    expect(device.learnt.length).toBe(5);
  });

  it("keeps no more waiting than told, and disposes of both", async () => {
    const synch = new HybridSynch({ local: device, remote, mostWaiting: 2 });
    await server.stop();
    for (const title of ["1", "2", "3"]) await synch.feedback({ title, category: "Design" });
    expect(synch.waiting).toBe(2);
    expect(await synch.flush()).toBe(false);
    synch.dispose();
    expect(device.disposed).toBe(true);
    await expect(remote.predict(task)).rejects.toMatchObject({ codeName: "cancelled" });
    server = await FakeServer.start();
  });
});
