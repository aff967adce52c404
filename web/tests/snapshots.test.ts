// Snapshots of the learnt state in IndexedDB (fake-indexeddb), with the real core: used at load,
// never trusted, gone with what they were made of.
import { openDB } from "idb";
import { afterEach, describe, expect, it, vi } from "vitest";

import { Core } from "../src/core/core_module.js";
import { Tab } from "./support/tab.js";

afterEach(() => {
  vi.restoreAllMocks();
});

let count = 0;

/** A store with so many events of an earlier visit. */
async function storeOf(events: number): Promise<string> {
  const name = `snapshots-${String((count += 1))}`;
  (await Tab.open(name)).dispose();
  const db = await openDB(name);
  const transaction = db.transaction("events", "readwrite");
  for (let i = 1; i <= events; i++) {
    const about = { title: `Paint wall ${String(i)}`, task_id: `t${String(i)}` };
    const event = { sequence: i, kind: "changed", time_ms: i, category_id: "planning", ...about };
    void transaction.store.put(JSON.stringify(event), i);
  }
  await transaction.done;
  db.close();
  return name;
}

async function kept(name: string): Promise<Uint8Array | undefined> {
  const db = await openDB(name);
  const snapshot = (await db.get("snapshots", "latest")) as Uint8Array | undefined;
  db.close();
  return snapshot;
}

async function keep(name: string, snapshot: Uint8Array): Promise<void> {
  const db = await openDB(name);
  await db.put("snapshots", snapshot, "latest");
  db.close();
}

/** What a visit finds, and whether it began from the snapshot. */
async function visit(name: string): Promise<{ used: unknown; version: string; answer: unknown }> {
  const load = vi.spyOn(Core.prototype, "loadLogFrom");
  const tab = await Tab.open(name);
  const used: unknown = load.mock.results[0]?.value;
  load.mockRestore();
  const answer = tab.predictInstant({ title: "Paint wall 7" });
  return { used, version: tab.modelVersion, answer };
}

describe("a snapshot", () => {
  it("is kept once there are 500 events, and loading from it gives the same answers", async () => {
    const name = await storeOf(505);
    const whole = await visit(name);
    expect(whole.used).toBe(false);
    await vi.waitFor(async () => {
      expect(await kept(name)).toBeDefined();
    });
    const tab = await Tab.open(name);
    await tab.feedback({ title: "Draw the logo", category: "design" });
    const next = await visit(name);
    expect(next.used).toBe(true);
    expect(next.version).toBe(tab.modelVersion);
    expect(next.answer).toEqual(tab.predictInstant({ title: "Paint wall 7" }));
  });

  it("is not kept for a few events", async () => {
    const name = await storeOf(20);
    const tab = await Tab.open(name);
    await tab.feedback({ title: "Draw the logo", category: "design" });
    expect(await kept(name)).toBeUndefined();
  });

  it("is refused when it was altered, and another one takes its place", async () => {
    const name = await storeOf(500);
    const whole = await visit(name);
    await vi.waitFor(async () => {
      expect(await kept(name)).toBeDefined();
    });
    const good = (await kept(name)) ?? new Uint8Array();
    const altered = good.slice();
    altered[1000] = (altered[1000] ?? 0) ^ 1;
    await keep(name, altered);
    expect(await visit(name)).toEqual(whole);
    await vi.waitFor(async () => {
      expect(await kept(name)).toEqual(good);
    });
    expect(await visit(name)).toEqual({ ...whole, used: true });
  });

  it.each([
    ["a task", (tab: Tab) => tab.forgetTask("t3")],
    ["everything", (tab: Tab) => tab.forgetEverything()],
    ["what an import replaced", (tab: Tab) => tab.importUserData(tab.exportUserData())],
  ])("goes with %s", async (_, forget) => {
    const name = await storeOf(500);
    const tab = await Tab.open(name);
    await vi.waitFor(async () => {
      expect(await kept(name)).toBeDefined();
    });
    await forget(tab);
    expect(await kept(name)).toBeUndefined();
  });
});
