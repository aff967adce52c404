import { afterEach, describe, expect, it, vi } from "vitest";

import { WorkerChannel, type WorkerLike } from "../src/client/worker_channel.js";
import { AssetError, SmartSynchError } from "../src/errors.js";
import type { FromWorker, ToWorker } from "../src/protocol.js";
import { predictionFor } from "./support/predictions.js";

class FakeWorker implements WorkerLike {
  readonly received: ToWorker[] = [];
  terminated = 0;
  onmessage: WorkerLike["onmessage"] = null;
  onmessageerror: WorkerLike["onmessageerror"] = null;
  onerror: WorkerLike["onerror"] = null;
  postMessage(message: ToWorker): void {
    this.received.push(structuredClone(message));
  }
  terminate(): void {
    this.terminated += 1;
  }
  send(message: FromWorker): void {
    this.onmessage?.({ data: structuredClone(message) } as MessageEvent<FromWorker>);
  }
  fail(message?: string): void {
    this.onerror?.({ message, preventDefault: () => undefined } as unknown as ErrorEvent);
  }
}

function setUp(): { worker: FakeWorker; channel: WorkerChannel; breakdowns: Error[] } {
  const worker = new FakeWorker();
  const breakdowns: Error[] = [];
  const channel = new WorkerChannel(worker, "http://host/worker.js", (e) => breakdowns.push(e));
  return { worker, channel, breakdowns };
}

const payload = (title: string): { task: { title: string; description: string } } => ({
  task: { title, description: "" },
});
const answer = (id: number, title: string): FromWorker => ({
  kind: "response",
  id,
  ok: true,
  value: predictionFor(title, "full"),
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("WorkerChannel", () => {
  it("gives every call its own answer, in whatever order they come", async () => {
    const { worker, channel } = setUp();
    const first = channel.request("predict", payload("a"));
    const second = channel.request("predict", payload("b"));
    expect(worker.received.map((m) => [m.kind, m.id])).toEqual([
      ["request", 1],
      ["request", 2],
    ]);
    worker.send(answer(2, "b"));
    worker.send(answer(1, "a"));
    await expect(first).resolves.toMatchObject({ modelVersion: "a" });
    await expect(second).resolves.toMatchObject({ modelVersion: "b" });
  });

  it("rejects one call and goes on with the next", async () => {
    const { worker, channel, breakdowns } = setUp();
    const bad = channel.request("predict", payload("a"));
    const error = { code: 1, message: "no", field: "task", stack: null, asset: null };
    worker.send({ kind: "response", id: 1, ok: false, error, fatal: false });
    await expect(bad).rejects.toMatchObject({ codeName: "invalid_argument", field: "task" });
    const good = channel.request("predict", payload("b"));
    worker.send(answer(2, "b"));
    await expect(good).resolves.toMatchObject({ modelVersion: "b" });
    expect(breakdowns).toEqual([]);
  });

  it("cancels in the worker, and drops the answer that comes all the same", async () => {
    const { worker, channel } = setUp();
    const controller = new AbortController();
    const call = channel.request("predict", payload("a"), { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    expect(worker.received.at(-1)).toEqual({ kind: "cancel", id: 1 });
    worker.send(answer(1, "a"));
    const next = channel.request("predict", payload("b"));
    worker.send(answer(2, "b"));
    await expect(next).resolves.toMatchObject({ modelVersion: "b" });
  });

  it("sends nothing for a signal that has fired already", async () => {
    const { worker, channel } = setUp();
    const call = channel.request("predict", payload("a"), { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    expect(worker.received).toEqual([]);
  });

  it("passes progress to the request it belongs to", async () => {
    const { worker, channel } = setUp();
    const seen: unknown[] = [];
    const call = channel.request(
      "predictBatch",
      { tasks: [] },
      { onProgress: (value) => seen.push(value) },
    );
    worker.send({ kind: "progress", id: 1, value: { done: 1, total: 2 } });
    worker.send({ kind: "progress", id: 77, value: { done: 9, total: 9 } });
    worker.send({ kind: "response", id: 1, ok: true, value: [] });
    await call;
    expect(seen).toEqual([{ done: 1, total: 2 }]);
  });

  it("rejects pending and later calls when the worker breaks down, and says so once", async () => {
    const { worker, channel, breakdowns } = setUp();
    const calls = [
      channel.request("predict", payload("a")),
      channel.request("predict", payload("b")),
    ];
    worker.fail("Uncaught RangeError");
    worker.fail("again");
    for (const call of calls) {
      await expect(call).rejects.toMatchObject({
        codeName: "internal",
        message: "the worker broke down: Uncaught RangeError",
      });
    }
    await expect(channel.request("predict", payload("c"))).rejects.toThrow("broke down");
    expect(breakdowns).toHaveLength(1);
    expect(worker.terminated).toBe(1);
  });

  it("throws the worker away after a fatal error", async () => {
    const { worker, channel, breakdowns } = setUp();
    const first = channel.request("predict", payload("a"));
    const second = channel.request("predict", payload("b"));
    const error = { code: 13, message: "trap", field: "", stack: null, asset: null };
    worker.send({ kind: "response", id: 1, ok: false, error, fatal: true });
    await expect(first).rejects.toThrow("trap");
    await expect(second).rejects.toThrow("trap");
    expect(breakdowns).toHaveLength(1);
    expect(worker.terminated).toBe(1);
  });

  it("names address and status of a worker script that is not there", async () => {
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(null, { status: 404 })));
    const { worker, channel } = setUp();
    const call = channel.request("predict", payload("a"));
    worker.fail();
    await expect(call).rejects.toBeInstanceOf(AssetError);
    await expect(call).rejects.toMatchObject({ url: "http://host/worker.js", status: 404 });
  });

  it("closes once, with the error given", async () => {
    const { worker, channel, breakdowns } = setUp();
    const call = channel.request("predict", payload("a"));
    channel.close(new SmartSynchError("cancelled", "bye"));
    channel.close(new SmartSynchError("cancelled", "again"));
    await expect(call).rejects.toThrow("bye");
    expect(worker.terminated).toBe(1);
    expect(breakdowns).toEqual([]);
  });

  it("reports a message that cannot be read", async () => {
    const { worker, channel, breakdowns } = setUp();
    const call = channel.request("predict", payload("a"));
    worker.onmessageerror?.({} as MessageEvent);
    await expect(call).rejects.toMatchObject({ codeName: "internal" });
    expect(breakdowns).toHaveLength(1);
  });
});
