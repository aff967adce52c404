// The feedback log in IndexedDB (fake-indexeddb), with the real core: several tabs, wiped, full,
// blocked and damaged storage.
import { deleteDB, openDB } from "idb";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Tab } from "./support/tab.js";

let count = 0;

afterEach(() => {
  vi.restoreAllMocks();
});

const fresh = (): string => `learning-${String((count += 1))}`;
const stored = async (name: string): Promise<string[]> => {
  const db = await openDB(name);
  const lines = (await db.getAll("events")) as string[];
  db.close();
  return lines;
};
const best = (tab: Tab, title: string): string | undefined =>
  tab.predictInstant({ title }).suggestions[0]?.categoryId;

describe("what is learnt", () => {
  it("is there again after a reload, categories and all", async () => {
    const name = fresh();
    const first = await Tab.open(name);
    await first.addCategory({ name: "Home" });
    await first.feedback({ title: "Water the plants", category: "Home" });
    const version = first.modelVersion;
    first.dispose();
    const second = await Tab.open(name);
    expect(second.modelVersion).toBe(version);
    expect(best(second, "Water the plants")).toBe("home");
    expect(second.notices).toEqual([]);
  });

  it("reaches other tabs, and none of two tabs' events is lost or doubled", async () => {
    const name = fresh();
    const [a, b] = [await Tab.open(name), await Tab.open(name)];
    await a.addCategory({ name: "Home" });
    // Both at once, neither having heard of the other's.
    await Promise.all([
      ...Array.from({ length: 10 }, (_, i) =>
        a.feedback({ title: `Water plant number ${String(i)}`, category: "home" }),
      ),
      ...Array.from({ length: 10 }, (_, i) =>
        b.feedback({ title: `Draw the logo number ${String(i)}`, category: "design" }),
      ),
    ]);
    await vi.waitFor(() => {
      expect(b.notices).toContainEqual({ kind: "learnt-elsewhere" });
      expect(a.exportUserData()).toBe(b.exportUserData());
    });
    const { events } = JSON.parse(a.exportUserData()) as { events: { sequence: number }[] };
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
    expect(events).toHaveLength(21);
    expect(await stored(name)).toHaveLength(21);
    expect(best(b, "Water plant number 3")).toBe("home");
  });

  it("is gone for good once forgotten", async () => {
    const name = fresh();
    const [a, b] = [await Tab.open(name), await Tab.open(name)];
    await a.feedback({ title: "Secret plan", category: "design", taskId: "t1" });
    await a.feedback({ title: "Draw", category: "design", taskId: "t2" });
    expect(await a.forgetTask("t1")).toBe(1);
    expect((await stored(name)).join()).not.toContain("Secret");
    await a.forgetEverything();
    expect(await stored(name)).toEqual([]);
    await vi.waitFor(() => {
      expect(b.exportUserData()).not.toContain("Draw");
    });
  });

  it("is not written when it was refused", async () => {
    const name = fresh();
    const tab = await Tab.open(name);
    await expect(tab.feedback({ title: "a", category: "nowhere" })).rejects.toMatchObject({
      codeName: "not_found",
    });
    expect(await stored(name)).toEqual([]);
    expect(tab.notices).toEqual([]);
  });
});

describe("storage that fails", () => {
  const failed = (reason: string): unknown =>
    expect.objectContaining({ kind: "storage-failed", reason });

  it("full: says so once, goes on in memory, and keeps what was saved", async () => {
    const name = fresh();
    const tab = await Tab.open(name);
    await tab.feedback({ title: "Draw the logo", category: "design" });
    const quota = new DOMException("no space", "QuotaExceededError");
    vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(() => {
      throw quota;
    });
    await tab.feedback({ title: "Fix login", category: "planning" });
    await tab.feedback({ title: "Fix logout", category: "planning" });
    vi.restoreAllMocks();
    expect(best(tab, "Fix login")).toBe("planning");
    expect(tab.notices).toEqual([failed("full")]);
    expect(await stored(name)).toHaveLength(1);
  });

  it("wiped while open: goes on in memory", async () => {
    const name = fresh();
    const tab = await Tab.open(name);
    await tab.feedback({ title: "Draw the logo", category: "planning" });
    await deleteDB(name);
    await tab.feedback({ title: "Fix login", category: "planning" });
    expect(best(tab, "Draw the logo")).toBe("planning");
    expect(best(tab, "Fix login")).toBe("planning");
    expect(tab.notices).toEqual([failed("unavailable")]);
  });

  it("of a later schema: is not touched", async () => {
    const name = fresh();
    const later = await openDB(name, 99, { upgrade: (db) => void db.createObjectStore("later") });
    later.close();
    const tab = await Tab.open(name);
    await tab.feedback({ title: "Fix login", category: "planning" });
    expect(best(tab, "Fix login")).toBe("planning");
    expect(tab.notices).toEqual([failed("blocked")]);
  });

  it("damaged: is left as it is", async () => {
    const name = fresh();
    (await Tab.open(name)).dispose();
    const db = await openDB(name);
    await db.put("events", "{not json", 1);
    db.close();
    const tab = await Tab.open(name);
    await tab.feedback({ title: "Fix login", category: "planning" });
    expect(best(tab, "Fix login")).toBe("planning");
    expect(tab.notices).toEqual([failed("damaged")]);
    expect(await stored(name)).toEqual(["{not json"]);
  });

  it("forbidden, as in some private windows: goes on in memory", async () => {
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("denied", "SecurityError");
    });
    const tab = await Tab.open(fresh());
    await tab.feedback({ title: "Fix login", category: "planning" });
    expect(best(tab, "Fix login")).toBe("planning");
    expect(tab.notices).toEqual([failed("unavailable")]);
  });
});
