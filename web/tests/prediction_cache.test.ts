import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { checkOptions } from "../src/base/options.js";
import { Core } from "../src/core/core_module.js";
import { Engine } from "../src/engine/engine.js";
import { setUp, FakeTier } from "./support/client.js";
import { noFiles } from "./support/id_encoder.js";
import { coreBytes } from "./support/paths.js";

const bytes = coreBytes();
const task = (title: string, description = ""): { title: string; description: string } => ({
  title,
  description,
});

/** The real core over an encoder that counts the texts it is given. */
async function openEngine(
  cacheBytes?: number,
): Promise<{ core: Core; engine: Engine; encoded: number[] }> {
  const core = await Core.create({ ...bytes, cacheBytes });
  const encoded: number[] = [];
  const encoder = {
    run: (batch: Int32Array[]) => {
      encoded.push(batch.length);
      const sequence = Math.max(...batch.map((ids) => ids.length));
      const values = new Float32Array(batch.length * sequence * core.info.dimension);
      values.forEach((_, i) => (values[i] = Math.sin(i)));
      return Promise.resolve({ values, sequence });
    },
    threads: 1,
    dispose: () => Promise.resolve(),
  };
  return { core, engine: new Engine(core, encoder, noFiles), encoded };
}

describe("the full tier's cache", () => {
  let open: Awaited<ReturnType<typeof openEngine>>;
  beforeEach(async () => {
    open = await openEngine();
  });
  afterEach(() => open.engine.dispose());

  it("answers an equal task without the encoder", async () => {
    const first = await open.engine.predict(task("Fix login"));
    const again = await open.engine.predict(task(" fix  LOGIN "));
    expect(again).toEqual(first);
    expect(open.encoded).toEqual([1]);
    await open.engine.predict(task("Fix logins"));
    expect(open.encoded).toEqual([1, 1]);
    const { hits, misses, entries, bytes: used } = open.engine.cacheStatistics();
    expect({ hits, misses, entries }).toEqual({ hits: 1, misses: 2, entries: 2 });
    expect(used).toBeGreaterThan(200);
  });

  it("encodes of a batch only what is new, and keeps the order", async () => {
    const known = await open.engine.predict(task("Fix login"));
    const reports: number[][] = [];
    const answers = await open.engine.predictBatch(
      [task("Design the new logo"), task("fix login"), task("Weekly standup meeting")],
      { onProgress: (done, total) => reports.push([done, total]) },
    );
    expect(answers).toHaveLength(3);
    expect(answers[1]).toEqual(known);
    expect(open.encoded.reduce((sum, n) => sum + n)).toBe(3);
    expect(reports[0]).toEqual([1, 3]);
    expect(reports.at(-1)).toEqual([3, 3]);
    const batch = open.encoded.length;
    expect(await open.engine.predict(task("design the new logo"))).toEqual(answers[0]);
    expect(open.encoded).toHaveLength(batch);
  });

  it("forgets everything when something is learnt, undone or forgotten", async () => {
    const before = await open.engine.predict(task("Water the plants"));
    open.core.addCategory("Home", 1);
    expect(open.engine.cacheStatistics().entries).toBe(0);
    const after = await open.engine.predict(task("Water the plants"));
    expect(open.encoded).toEqual([1, 1]);
    expect(after.modelVersion).not.toBe(before.modelVersion);
    expect(await open.engine.predict(task("Water the plants"))).toEqual(after);
    expect(open.encoded).toEqual([1, 1]);
    open.core.loadLog("");
    expect(await open.engine.predict(task("Water the plants"))).toEqual(before);
    expect(open.encoded).toEqual([1, 1, 1]);
  });

  it("tells a special token from the same letters in lower case", async () => {
    await open.engine.predict(task("[MASK] login"));
    await open.engine.predict(task("[mask] login"));
    expect(open.encoded).toEqual([1, 1]);
  });

  it("is bounded by cacheBytes, and off at 0", async () => {
    const off = await openEngine(0);
    await off.engine.predict(task("Fix login"));
    await off.engine.predict(task("Fix login"));
    expect(off.encoded).toEqual([1, 1]);
    expect(off.engine.cacheStatistics()).toMatchObject({ entries: 0, bytes: 0, capacityBytes: 0 });
    await off.engine.dispose();
    const small = await openEngine(2000);
    for (let i = 0; i < 30; i += 1) await small.engine.predict(task(`Fix login ${String(i)}`));
    const { bytes: used, evictions, entries } = small.engine.cacheStatistics();
    expect(used).toBeLessThanOrEqual(2000);
    expect(evictions + entries).toBe(30);
    await small.engine.dispose();
  });
});

describe("cacheBytes and cacheStatistics", () => {
  it.each([-1, Number.NaN, Infinity, 2 ** 32, "1", null])("refuses %j", (cacheBytes) => {
    expect(() => {
      checkOptions({ cacheBytes });
    }).toThrow(expect.objectContaining({ field: "options.cacheBytes" }));
  });

  it("asks the full tier, and has null while there is none", async () => {
    const { client, loads } = setUp();
    expect(await client.cacheStatistics()).toBeNull();
    loads[0]?.finish(new FakeTier());
    await client.ready();
    expect(await client.cacheStatistics()).toMatchObject({ capacityBytes: 1 });
    client.dispose();
    await expect(client.cacheStatistics()).rejects.toMatchObject({ codeName: "cancelled" });
  });
});
