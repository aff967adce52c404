// Experiments end to end with the real core: two versions whose heads tell them apart, tabs that
// share a store (fake-indexeddb), and a full tier.
import { describe, expect, it, vi } from "vitest";

import type { Prediction } from "../src/types.js";
import { Tab } from "./support/tab.js";

let count = 0;
const fresh = (): string => `experiment-${String((count += 1))}`;

/** Something taught, without which heads have nothing to add to, and a challenger. */
async function setUp(name = fresh()): Promise<{ tab: Tab; base: string; challenger: string }> {
  const tab = await Tab.open(name);
  await tab.feedback({ title: "Water the plants", category: "planning", taskId: "first" });
  const challenger = await tab.keepVersion("research");
  return { tab, base: tab.versions()[0]?.id ?? "", challenger };
}

const keysOf = (tab: Tab, arm: string, many: number): string[] => {
  const keys: string[] = [];
  for (let i = 0; keys.length < many; i++) {
    const { experiment } = tab.predictInstant({ title: "x", taskId: `task ${String(i)}` });
    if (experiment?.arm === arm) keys.push(`task ${String(i)}`);
  }
  return keys;
};

describe("startExperiment", () => {
  it("lets the challenger answer its share, always the same tasks", async () => {
    const { tab, base, challenger } = await setUp();
    const before = tab.predictInstant({ title: "Fix login crash" });
    expect(before).not.toHaveProperty("experiment");
    const started = await tab.startExperiment({ challenger, share: 0.3 });
    expect(started).toMatchObject({
      share: 0.3,
      champion: { version: base, shown: 0, accepted: 0, acceptance: null },
      challenger: { version: challenger, shown: 0, accepted: 0, acceptance: null },
      verdict: "continue",
      pValue: 1,
    });
    let challengers = 0;
    for (let i = 0; i < 100; i++) {
      const task = { title: "Fix login crash", taskId: `task ${String(i)}` };
      const first = tab.predictInstant(task);
      expect(first.experiment?.id).toBe(started.id);
      const isChallenger = first.experiment?.arm === "challenger";
      expect(first.suggestions[0]?.categoryId).toBe(isChallenger ? "research" : "development");
      const later = tab.predictInstant({ ...task, title: "Fix login" });
      expect(later.experiment).toEqual(first.experiment);
      challengers += isChallenger ? 1 : 0;
    }
    expect(challengers).toBeGreaterThan(15);
    expect(challengers).toBeLessThan(45);
  });

  it("takes the text as key where there is no id", async () => {
    const { tab, challenger } = await setUp();
    await tab.startExperiment({ challenger });
    const arms = new Set<unknown>();
    for (let i = 0; i < 20; i++) {
      const title = `Fix bug ${String(i)}`;
      const { experiment } = tab.predictInstant({ title });
      expect(tab.predictInstant({ title: ` ${title.toUpperCase()}` }).experiment).toEqual(
        experiment,
      );
      arms.add(experiment?.arm);
    }
    expect(arms.size).toBe(2);
  });

  it("keeps one version for all that is typed in a session", async () => {
    const { tab, challenger } = await setUp();
    await tab.startExperiment({ challenger });
    const arms = new Set<unknown>();
    for (let i = 0; i < 12; i++) {
      const field = tab.openField();
      const answers = field[Symbol.asyncIterator]();
      const own = new Set<unknown>();
      for (const title of ["F", "Fix", "Fix the login"]) {
        field.update({ title });
        const { value } = (await answers.next()) as { value: Prediction };
        own.add(value.experiment?.arm);
      }
      expect(own.size).toBe(1);
      for (const arm of own) arms.add(arm);
      field.close();
    }
    expect(arms.size).toBe(2);
  });

  it("refuses what cannot be compared, naming the field, and changes nothing", async () => {
    const { tab, base, challenger } = await setUp();
    const refused = async (options: unknown, codeName: string, field: string): Promise<void> => {
      const started = tab.startExperiment(options as { challenger: string });
      await expect(started).rejects.toMatchObject({ codeName, field });
    };
    await refused(null, "invalid_argument", "options");
    await refused({}, "invalid_argument", "challenger");
    await refused({ challenger: "no such" }, "not_found", "challenger");
    await refused({ champion: "no such", challenger }, "not_found", "champion");
    await refused({ champion: base, challenger: base }, "invalid_argument", "challenger");
    await refused({ challenger, share: 1 }, "invalid_argument", "share");
    await refused({ challenger, share: Number.NaN }, "invalid_argument", "share");
    await refused({ challenger, alpha: 0 }, "invalid_argument", "alpha");
    await refused({ challenger, leastGain: "1" }, "invalid_argument", "leastGain");
    await refused({ challenger, mostShown: -1 }, "invalid_argument", "mostShown");
    expect(tab.experiment()).toBeNull();
    await tab.startExperiment({ challenger });
    await refused({ challenger }, "already_exists", "experiment");
  });

  it("compares a version with the base as challenger, too", async () => {
    const { tab, base, challenger } = await setUp();
    await tab.startExperiment({ champion: challenger, challenger: base });
    expect(tab.versions().find(({ active }) => active)?.id).toBe(challenger);
    const [key = ""] = keysOf(tab, "challenger", 1);
    const { suggestions } = tab.predictInstant({ title: "Fix login crash", taskId: key });
    expect(suggestions[0]?.categoryId).toBe("development");
  });
});

describe("experiment", () => {
  it("counts what was kept of each version from the log, and finds the better one", async () => {
    const { tab, challenger } = await setUp();
    await tab.startExperiment({ challenger });
    for (const [arm, kept] of [
      ["champion", 1],
      ["challenger", 9],
    ] as const) {
      for (const [i, taskId] of keysOf(tab, arm, 30).entries()) {
        const task = { title: `Do thing number ${String(i)} ${arm}`, taskId };
        const shown = tab.predictInstant(task);
        const kind = i % 10 < kept ? "accepted" : "rejected";
        const category = shown.suggestions[0]?.categoryId ?? "";
        await tab.feedback({ ...task, category, kind, shown });
        // Said once more: the task counts once.
        if (i === 0) await tab.feedback({ ...task, category, kind, shown });
      }
    }
    // What nothing was shown for does not count.
    await tab.feedback({ title: "Draw a logo", category: "design" });
    const now = tab.experiment();
    expect(now).toMatchObject({
      champion: { shown: 30, accepted: 3, acceptance: 0.1 },
      challenger: { shown: 30, accepted: 27, acceptance: 0.9 },
      verdict: "promote",
    });
    expect(now?.difference).toBeCloseTo(0.8);
    expect(now?.low).toBeGreaterThan(0);
    expect(now?.pValue).toBeLessThan(0.05);

    const promoted = await tab.promote();
    expect(promoted).toMatchObject({ id: challenger, active: true });
    expect(tab.experiment()).toBeNull();
    const after = tab.predictInstant({ title: "Fix login crash", taskId: "task 1" });
    expect(after.suggestions[0]?.categoryId).toBe("research");
    expect(after).not.toHaveProperty("experiment");
  });

  it("goes on after a reload, with the same counts and the same arms", async () => {
    const name = fresh();
    const { tab, challenger } = await setUp(name);
    await tab.startExperiment({ challenger });
    const [taskId = ""] = keysOf(tab, "challenger", 1);
    const task = { title: "Fix login crash", taskId };
    const shown = tab.predictInstant(task);
    await tab.feedback({ ...task, category: "research", kind: "accepted", shown });
    const before = tab.experiment();
    const answer = tab.predictInstant(task);
    tab.dispose();
    const again = await Tab.open(name);
    expect(again.experiment()).toEqual(before);
    expect(again.experiment()?.challenger).toMatchObject({ shown: 1, accepted: 1 });
    expect(again.predictInstant(task)).toEqual(answer);
  });

  it("is the same in all tabs: counts, arms, and its end", async () => {
    const name = fresh();
    const { tab: a, challenger } = await setUp(name);
    const b = await Tab.open(name);
    await a.startExperiment({ challenger });
    await vi.waitFor(() => {
      expect(b.experiment()).toEqual(a.experiment());
    });
    const task = { title: "Fix login crash", taskId: keysOf(b, "challenger", 1)[0] ?? "" };
    const shown = b.predictInstant(task);
    await b.feedback({ ...task, category: "design", shown });
    await vi.waitFor(() => {
      expect(a.experiment()?.challenger).toMatchObject({ shown: 1, accepted: 0 });
    });
    const stood = await b.stopExperiment();
    expect(stood?.challenger.shown).toBe(1);
    await vi.waitFor(() => {
      expect(a.experiment()).toBeNull();
    });
    expect(await a.stopExperiment()).toBeNull();
    await expect(a.promote()).rejects.toMatchObject({ codeName: "not_found" });
    expect(a.predictInstant(task).suggestions[0]?.categoryId).toBe("design");
  });

  it("ends when another version is activated, and with everything that was learnt", async () => {
    const { tab, base, challenger } = await setUp();
    await tab.startExperiment({ challenger });
    await tab.activateVersion(base);
    expect(tab.experiment()).toBeNull();
    await tab.startExperiment({ challenger });
    await tab.forgetEverything();
    expect(tab.experiment()).toBeNull();
    expect(tab.predictInstant({ title: "Fix login" })).not.toHaveProperty("experiment");
  });
});
