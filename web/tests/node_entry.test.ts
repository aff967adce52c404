// The built package under Node, end to end with the real model (npm run build comes first).
import { existsSync, readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type * as Package from "../src/node.js";
import type { LoadProgress, Notice, Prediction } from "../src/types.js";
import { dist } from "./support/paths.js";

const entry = `${dist}node.js`;
const titles: [string, string][] = [
  ["Fix login authentication bug", "Development"],
  ["Implement user registration API", "Development"],
  ["Create wireframes for mobile app", "Design"],
  ["Design new logo", "Design"],
  ["Research competitor pricing strategies", "Research"],
  ["Investigate machine learning frameworks", "Research"],
  ["Weekly team standup", "Meeting"],
  ["Client meeting about requirements", "Meeting"],
  ["Plan sprint roadmap for Q2", "Planning"],
  ["Define project milestones", "Planning"],
];

const best = ({ suggestions }: Prediction): string | undefined => suggestions[0]?.category;

describe.skipIf(!existsSync(entry))("dist/node.js", () => {
  let SmartSynch: typeof Package.SmartSynch;
  let AssetError: typeof Package.AssetError;
  let synch: Package.SmartSynch;
  const notices: Notice[] = [];
  const progress: LoadProgress[] = [];

  beforeAll(async () => {
    ({ SmartSynch, AssetError } = (await import(pathToFileURL(entry).href)) as typeof Package);
    synch = await SmartSynch.create({
      onNotice: (notice) => notices.push(notice),
      onProgress: (value) => progress.push(value),
    });
  });
  afterAll(() => {
    synch.dispose();
  });

  it("can answer at once, and fully when the encoder is there", async () => {
    expect(synch.predictInstant({ title: "Fix login" }).tier).toBe("instant");
    await expect(synch.ready()).resolves.toEqual({ status: "ready", threads: 1 });
    expect(notices).toEqual([{ kind: "full-tier-ready" }]);
    expect(progress.at(-1)?.loadedBytes).toBe(progress.at(-1)?.totalBytes);
  });

  it.each(titles)("%s: %s", async (title, category) => {
    const prediction = await synch.predict({ title });
    expect(prediction).toMatchObject({ tier: "full", modelVersion: synch.modelVersion });
    expect(best(prediction)).toBe(category);
    if (prediction.decision === "auto") expect(prediction.category).toBe(category);
  });

  it("gives a prediction of the documented shape", async () => {
    const prediction = await synch.predict({ title: "Fix login", more: "ignored" } as Package.Task);
    expect(Object.keys(prediction)).toEqual([
      "decision",
      "category",
      "categoryId",
      "confidence",
      "novelty",
      "suggestions",
      "tier",
      "modelVersion",
      "truncated",
    ]);
    expect(JSON.parse(JSON.stringify(prediction))).toEqual(prediction);
    expect(prediction.confidence).toBe(prediction.suggestions[0]?.confidence);
  });

  it("answers each of many calls at once with its own", async () => {
    const alone: Prediction[] = [];
    for (const [title] of titles) alone.push(await synch.predict({ title }));
    const together = await Promise.all(titles.map(([title]) => synch.predict({ title })));
    expect(together).toEqual(alone);
  });

  it("decides in a batch as it does alone, in the tasks' order", async () => {
    const tasks = [...titles.map(([title]) => ({ title })), { title: "" }, { title: "\ud83d" }];
    const done: number[] = [];
    const batch = await synch.predictBatch(tasks, { onProgress: (count) => done.push(count) });
    const alone = await Promise.all(tasks.map((task) => synch.predict(task)));
    expect(batch.map(best)).toEqual(alone.map(best));
    expect(batch.map(({ decision }) => decision)).toEqual(alone.map(({ decision }) => decision));
    batch.forEach(({ confidence }, i) => {
      expect(confidence).toBeCloseTo(alone[i]?.confidence ?? -1, 3);
    });
    expect(done.at(-1)).toBe(tasks.length);
    await expect(synch.predictBatch([])).resolves.toEqual([]);
  });

  it("gives up a batch between two groups", async () => {
    const controller = new AbortController();
    const tasks = Array.from({ length: 200 }, (_, i) => ({ title: `Task number ${String(i)}` }));
    let done = 0;
    const batch = synch.predictBatch(tasks, {
      signal: controller.signal,
      onProgress: (count) => {
        done = count;
        controller.abort();
      },
    });
    await expect(batch).rejects.toMatchObject({ name: "AbortError" });
    expect(done).toBeLessThan(tasks.length);
    await expect(synch.predict({ title: "Fix login" })).resolves.toMatchObject({ tier: "full" });
  });

  it("is not poisoned by a bad call", async () => {
    const bad = synch.predict({ title: 1 } as never);
    const good = synch.predict({ title: "Fix login" });
    await expect(bad).rejects.toMatchObject({ codeName: "invalid_argument" });
    await expect(good).resolves.toMatchObject({ tier: "full" });
  });

  it("serves a typing session, instant first", async () => {
    const field = synch.openField({ pauseMs: 1 });
    const seen: string[] = [];
    field.update({ title: "Fix" });
    field.update({ title: "Fix login bug" });
    for await (const { tier } of field) {
      seen.push(tier);
      if (tier === "full") break;
    }
    expect(seen).toEqual(["instant", "full"]);
  });

  it("knows its categories without loading", () => {
    expect(SmartSynch.builtInCategories()).toEqual(synch.categories());
  });

  it("names a file that is missing or no WebAssembly", async () => {
    const missing = SmartSynch.create({ urls: { core: "gone.wasm" } });
    await expect(missing).rejects.toBeInstanceOf(AssetError);
    await expect(missing).rejects.toThrow(/assets\/gone\.wasm could not be read/);
    const page = SmartSynch.create({ urls: { core: "../demo/index.html" } });
    await expect(page).rejects.toThrow(/not a WebAssembly file/);
  });

  it("goes on with the instant tier when the encoder is another one", async () => {
    const errors: Error[] = [];
    const other = await SmartSynch.create({
      urls: { encoder: "manifest.json" },
      onNotice: (notice) => {
        if (notice.kind === "full-tier-failed") errors.push(notice.error);
      },
    });
    await expect(other.predict({ title: "Fix login" })).resolves.toMatchObject({ tier: "instant" });
    expect(errors).toMatchObject([{ codeName: "incompatible" }]);
    other.dispose();
  });

  it("is read by Node.js in short lines, of which it prints one with an error nobody caught", () => {
    const lines = readFileSync(entry, "utf8").split("\n");
    expect(lines.filter((line) => line.length > 1000 && /\bthrow new\b/.test(line))).toEqual([]);
  });

  it("stops when the signal has fired", async () => {
    const create = SmartSynch.create({ signal: AbortSignal.abort() });
    await expect(create).rejects.toMatchObject({ name: "AbortError" });
  });

  it("keeps instances apart", async () => {
    const other = await SmartSynch.create({ encoder: false });
    await other.addCategory({ name: "Only here" });
    expect(synch.categories().map(({ name }) => name)).not.toContain("Only here");
    other.dispose();
    other.dispose();
    await expect(other.predict({ title: "a" })).rejects.toMatchObject({ codeName: "cancelled" });
    await expect(synch.predict({ title: "Fix login" })).resolves.toMatchObject({ tier: "full" });
  });
});
