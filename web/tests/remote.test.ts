import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { PickerEngine } from "../src/element/index.js";
import {
  RemoteError,
  type RemoteOptions,
  RemoteSynch,
  SmartSynchError,
} from "../src/remote/index.js";
import { FakeServer } from "./support/fake_server.js";

let server: FakeServer;
beforeEach(async () => {
  server = await FakeServer.start();
});
afterEach(async () => {
  await server.stop();
});

const create = (options: Partial<RemoteOptions> = {}): Promise<RemoteSynch> =>
  RemoteSynch.create({ baseUrl: server.url, backoffMs: 1, ...options });

describe("RemoteSynch", () => {
  it("predicts, one and many, and names the user, the tier and the key", async () => {
    const synch = await create({ key: "secret", user: "u1", tier: "instant", batchSize: 2 });
    expect(synch.categories().map(({ name }) => name)).toEqual(["Development", "Design"]);
    const one = await synch.predict({ title: "Größe 🚀", description: null });
    expect(one.category).toBe("Development");
    expect(synch.modelVersion).toBe("0123456789abcdef");
    const { headers, body } = server.seen.at(-1) ?? {};
    expect(headers?.authorization).toBe("Bearer secret");
    expect(body).toEqual({ title: "Größe 🚀", description: "", tier: "instant", user: "u1" });

    const steps: number[] = [];
    const tasks = ["a", "bb", "ccc", "dddd", "eeeee"].map((title) => ({ title }));
    const many = await synch.predictBatch(tasks, { onProgress: (done) => steps.push(done) });
    expect(many.map(({ confidence }) => confidence)).toEqual([0.01, 0.02, 0.03, 0.04, 0.05]);
    expect(steps).toEqual([2, 4, 5]);
    expect(server.seen.at(-1)?.url).toBe("/api/v1/batch?tier=instant");
    expect(await synch.predictBatch([])).toEqual([]);
  });

  it.each<["hang up" | "half"]>([["hang up"], ["half"]])(
    "sends again when the connection breaks: %s",
    async (wrong) => {
      const synch = await create();
      server.next.push(wrong, wrong);
      expect((await synch.predict({ title: "a" })).decision).toBe("auto");
      expect(server.seen.length).toBe(1 + 3);
    },
  );

  it.each([429, 502, 503, 504])(
    "sends again after %i, and not more often than told",
    async (status) => {
      const synch = await create({ retries: 1 });
      server.next.push({ status });
      expect((await synch.predict({ title: "a" })).decision).toBe("auto");
      server.next.push({ status }, { status });
      await expect(synch.predict({ title: "a" })).rejects.toMatchObject({
        name: "RemoteError",
        codeName: "unavailable",
        status,
      });
    },
  );

  it("waits as long as Retry-After says", async () => {
    const synch = await create();
    server.next.push({ status: 503, headers: { "retry-after": "1" } });
    const before = performance.now();
    await synch.predict({ title: "a" });
    expect(performance.now() - before).toBeGreaterThan(950);
  });

  it("does not send again what was refused, and names the field", async () => {
    const synch = await create();
    const body = JSON.stringify({
      code: "invalid_data",
      detail: "title: too long",
      field: "title",
    });
    server.next.push({ status: 422, body });
    const error = await synch.predict({ title: "a" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ codeName: "invalid_data", field: "title", status: 422 });
    expect((error as Error).message).toBe("title: too long");
    expect(server.seen.length).toBe(2);
    await expect(synch.predictBatch([{ title: "a" }, { title: "bad" }])).rejects.toMatchObject({
      field: "tasks[1].title",
      codeName: "invalid_data",
    });
  });

  it("gives up on a server that hangs", async () => {
    const synch = await create({ timeoutMs: 1500, retries: 1 });
    server.next.push("hang", "hang");
    await expect(synch.predict({ title: "a" })).rejects.toMatchObject({
      codeName: "unavailable",
      status: 0,
    });
    expect(server.seen.length).toBe(3);
  });

  it("changes categories, also when an answer is lost, and asks for them anew", async () => {
    const synch = await create({ key: "admin" });
    server.next.push("half");
    expect(await synch.addCategory({ name: "Home" })).toEqual({ id: "home", name: "Home" });
    await synch.renameCategory("home", "House");
    await synch.mergeCategories("home", "design");
    await synch.removeCategory("a/b");
    const seen = server.seen
      .slice(1)
      .filter(({ url, method }) => `${method} ${url}` !== "GET /api/v1/categories");
    expect(seen.map(({ method, url, body }) => [method, url, body])).toEqual([
      ["POST", "/api/v1/categories", { name: "Home" }],
      ["POST", "/api/v1/categories", { name: "Home" }],
      ["POST", "/api/v1/categories/home/rename", { name: "House" }],
      ["POST", "/api/v1/categories/home/merge", { into: "design" }],
      ["DELETE", "/api/v1/categories/a%2Fb", null],
    ]);
    expect(server.seen.at(-1)).toMatchObject({ method: "GET", url: "/api/v1/categories" });
    server.next.push({ status: 200, body: '{"id":3}' });
    await expect(synch.addCategory({ name: "x" })).rejects.toMatchObject({
      codeName: "invalid_data",
    });
  });

  it("opens a typing session: the instant tier, then the full one, the latest update alone", async () => {
    const synch = await create({ user: "u1" });
    const engine: PickerEngine = synch; // all that the picker asks of one
    expect(engine.categories()).toHaveLength(2);
    const field = synch.openField({ pauseMs: 30 });
    const seen: string[] = [];
    field.update({ title: "F" });
    field.update({ title: "Fix" });
    for await (const { tier, confidence } of field) {
      seen.push(`${tier} ${String(confidence)}`);
      if (seen.length === 2) field.update({ title: "Fix it" });
      if (seen.length === 4) break;
    }
    expect(seen).toEqual(["instant 0.03", "full 0.03", "instant 0.06", "full 0.06"]);
    expect(server.seen.slice(1).map(({ body }) => body)).toEqual(
      ["Fix", "Fix it"].flatMap((title) =>
        ["instant", "full"].map((tier) => ({ title, description: "", tier, user: "u1" })),
      ),
    );
    expect(() => {
      field.update({ title: "late" });
    }).toThrow("closed");
  });

  it("asks one tier in a session when told so, and goes on after a failed answer", async () => {
    const synch = await create({ tier: "full", retries: 0 });
    const field = synch.openField({ pauseMs: 0 });
    server.next.push("hang up");
    field.update({ title: "a" });
    const answers = field[Symbol.asyncIterator]();
    await expect(answers.next()).rejects.toMatchObject({ codeName: "unavailable" });
    field.update({ title: "ab" });
    await expect(answers.next()).resolves.toMatchObject({ value: { tier: "full" } });
    expect(server.seen.length).toBe(1 + 2);
    synch.dispose();
    await expect(answers.next()).resolves.toMatchObject({ done: true });
    expect(() => synch.openField()).toThrow(SmartSynchError);
  });

  it("ends when asked to: by a signal, also between attempts, and by dispose", async () => {
    const synch = await create({ backoffMs: 60_000 });
    const controller = new AbortController();
    server.next.push("hang");
    const hanging = synch.predict({ title: "a" }, { signal: controller.signal });
    controller.abort(new Error("mine"));
    await expect(hanging).rejects.toThrow("mine");
    await expect(synch.predict({ title: "a" }, { signal: AbortSignal.abort() })).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }) as Error,
    );

    const pausing = new AbortController();
    server.next.push({ status: 503 });
    const waiting = synch.predict({ title: "a" }, { signal: pausing.signal });
    setTimeout(() => {
      pausing.abort(new Error("enough"));
    }, 50);
    await expect(waiting).rejects.toThrow("enough");

    server.next.push("hang");
    const pending = synch.predict({ title: "a" });
    synch.dispose();
    synch.dispose();
    await expect(pending).rejects.toMatchObject({ codeName: "cancelled" });
    await expect(synch.predict({ title: "a" })).rejects.toMatchObject({ codeName: "cancelled" });
  });

  it("stores feedback once, also when the answer was lost", async () => {
    const synch = await create({ user: "u1" });
    const shown = await synch.predict({ title: "a" });
    server.next.push("hang up", "half", { status: 503 });
    const recorded = await synch.feedback({ title: "a", category: "Design", taskId: "t", shown });
    expect(recorded).toEqual({ sequence: 7 });
    expect(server.seen.filter(({ url }) => url.endsWith("/feedback")).length).toBe(4);
    expect(server.stored.size).toBe(1);
    expect([...server.stored.values()][0]).toMatchObject({
      title: "a",
      category: "Design",
      kind: "changed",
      taskId: "t",
      user: "u1",
      modelVersion: "0123456789abcdef",
      suggestions: [{ categoryId: "development", confidence: 0.9 }],
    });
    await synch.feedback({ title: "a", category: "Design" });
    expect(server.stored.size).toBe(2);
  });

  it("refuses a server that is another, and options that are wrong", async () => {
    server.next.push({ status: 200, body: "<html>" });
    await expect(create()).rejects.toMatchObject({ codeName: "invalid_data" });
    server.next.push({ status: 200, body: '{"hello":1}' });
    await expect(create()).rejects.toMatchObject({ codeName: "invalid_data" });
    await expect(create({ baseUrl: "http://127.0.0.1:1/", retries: 0 })).rejects.toMatchObject({
      codeName: "unavailable",
    });
    const wrong: [Partial<RemoteOptions>, string][] = [
      [{ baseUrl: "ftp://x/" }, "options.baseUrl"],
      [{ baseUrl: "no url" }, "options.baseUrl"],
      [{ baseUrl: 7 as never }, "options.baseUrl"],
      [{ timeoutMs: 0 }, "options.timeoutMs"],
      [{ retries: Number.NaN }, "options.retries"],
      [{ batchSize: 10_001 }, "options.batchSize"],
      [{ user: "x".repeat(51) }, "options.user"],
      [{ tier: "other" as never }, "options.tier"],
    ];
    for (const [options, field] of wrong) {
      await expect(create(options)).rejects.toMatchObject({ field });
    }
    await expect(RemoteSynch.create(null as never)).rejects.toBeInstanceOf(SmartSynchError);
    const synch = await create();
    await expect(synch.predict({ titel: "a" } as never)).rejects.toMatchObject({
      field: "task.title",
    });
  });
});
