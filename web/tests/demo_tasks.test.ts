import { describe, expect, it } from "vitest";

import { readBackup, writeBackup } from "../demo/tasks/backup.js";
import {
  correctionsText,
  countCorrections,
  describeStep,
  effectiveSteps,
  latestStepOf,
  mergedInto,
  namesIn,
  readSteps,
} from "../demo/tasks/history.js";
import {
  checkTasks,
  countOpen,
  listTasks,
  shortened,
  type StoredTask,
} from "../demo/tasks/task.js";

const task = (overrides: Partial<StoredTask> = {}): StoredTask => ({
  id: "1",
  title: "Weekly team standup",
  description: "",
  categoryId: "meeting",
  chosenBy: "auto",
  done: false,
  createdMs: 1,
  ...overrides,
});
const resolve = (id: string | null): string | null => (id === "gone" ? null : id);

const log = (...events: object[]): string =>
  JSON.stringify({
    format: "smartsynch-user-data",
    version: 1,
    events: events.map((event, i) => ({ sequence: i + 1, time_ms: 1000 + i, ...event })),
  });

describe("listTasks", () => {
  const tasks = [
    task({ id: "old", createdMs: 1 }),
    task({ id: "new", createdMs: 2, categoryId: "gone" }),
    task({ id: "done", createdMs: 3, done: true }),
  ];
  const ids = (list: StoredTask[]): string[] => list.map(({ id }) => id);

  it("puts the newest first, and what is done apart", () => {
    const { open, done } = listTasks(tasks, { kind: "all" }, resolve);
    expect([ids(open), ids(done)]).toEqual([["new", "old"], ["done"]]);
  });

  it("filters by what the category is now", () => {
    expect(ids(listTasks(tasks, { kind: "none" }, resolve).open)).toEqual(["new"]);
    const { open } = listTasks(tasks, { kind: "category", id: "meeting" }, resolve);
    expect(ids(open)).toEqual(["old"]);
    expect(countOpen(tasks, resolve)).toEqual(
      new Map([
        ["meeting", 1],
        [null, 1],
      ]),
    );
  });
});

describe("checkTasks", () => {
  it("takes what was written, and leaves unknown fields out", () => {
    expect(checkTasks([{ ...task(), later: 1 }])).toEqual([task()]);
    expect(checkTasks([])).toEqual([]);
  });

  it.each<[unknown, string]>([
    [null, "tasks is not a list"],
    [[null], "tasks[0] is not an object"],
    [[{}], "tasks[0].id"],
    [[task({ id: "" })], "tasks[0].id"],
    [[task(), task()], "tasks[1].id is there twice"],
    [[task({ title: "" })], "tasks[0].title"],
    [[{ ...task(), description: null }], "tasks[0].description"],
    [[{ ...task(), categoryId: 1 }], "tasks[0].categoryId"],
    [[{ ...task(), chosenBy: "me" }], "tasks[0].chosenBy"],
    [[{ ...task(), done: 1 }], "tasks[0].done"],
    [[{ ...task(), createdMs: "today" }], "tasks[0].createdMs"],
    [[task({ createdMs: Number.NaN })], "tasks[0].createdMs"],
  ])("refuses %j", (value, message) => {
    expect(() => checkTasks(value)).toThrow(message);
  });
});

describe("a backup", () => {
  const learnt = log({ kind: "changed", title: "Größe 🪴", category_id: "home" });

  it("is read as it was written", () => {
    const tasks = [task({ title: "</script> ‮ \u0000 🪴" })];
    const backup = readBackup(writeBackup(tasks, learnt));
    expect(backup.tasks).toEqual(tasks);
    expect(JSON.parse(backup.learnt)).toEqual(JSON.parse(learnt));
  });

  it("may be what was learnt alone", () => {
    expect(readBackup(learnt)).toEqual({ tasks: null, learnt });
  });

  it.each([
    ["", "not JSON"],
    ["null", "not an export"],
    ["[]", "not an export"],
    ['{"format":"smartsynch-tasks","version":2,"tasks":[]}', "another version"],
    ['{"format":"smartsynch-tasks","version":1}', "tasks is not a list"],
  ])("refuses %s", (text, message) => {
    expect(() => readBackup(text)).toThrow(message);
  });
});

describe("shortened", () => {
  it.each([
    ["Buy milk", "Buy milk"],
    ["a".repeat(60), "a".repeat(60)],
    ["a".repeat(61), `${"a".repeat(59)}…`],
    [`${"a".repeat(58)} ${"b".repeat(9)}`, `${"a".repeat(58)}…`],
    ["🪴".repeat(61), `${"🪴".repeat(59)}…`],
  ])("%s", (title, expected) => {
    expect(shortened(title)).toBe(expected);
  });
});

describe("the history", () => {
  it("counts what the user decided, by the category that it counts to now", () => {
    const steps = readSteps(
      log(
        { kind: "changed", category_id: "home" },
        { kind: "rejected", category_id: "gone" },
        { kind: "accepted", category_id: "home" },
        { kind: "changed", category_id: "home" },
        { kind: "undone", undoes: 4 },
      ),
    );
    expect([...countCorrections(steps, resolve)]).toEqual([
      ["home", 1],
      [null, 1],
    ]);
    expect(correctionsText(steps)).toBe("2 corrections");
    expect(correctionsText(steps.slice(0, 1))).toBe("1 correction");
    expect(correctionsText([])).toBe("");
  });

  const steps = readSteps(
    log(
      { kind: "category_added", category_id: "home", name: "Home" },
      { kind: "changed", task_id: "t", title: "Water", category_id: "home" },
      { kind: "accepted", task_id: "t", title: "Water", category_id: "home" },
      { kind: "undone", undoes: 3 },
      { kind: "category_merged", category_id: "home", target_id: "garden" },
      { kind: "category_merged", category_id: "garden", target_id: "planning" },
      { kind: "category_renamed", category_id: "design", name: "Looks" },
    ),
  );

  it("leaves out what was undone", () => {
    expect(effectiveSteps(steps).map(({ sequence }) => sequence)).toEqual([1, 2, 5, 6, 7]);
    expect(latestStepOf(steps, "t")).toBe(2);
    expect(latestStepOf(steps, "other")).toBeNull();
  });

  it("follows merges to the end, and ends even in a circle", () => {
    expect(mergedInto(steps)).toEqual(
      new Map([
        ["home", "planning"],
        ["garden", "planning"],
      ]),
    );
    const circle = readSteps(
      log(
        { kind: "category_merged", category_id: "a", target_id: "b" },
        { kind: "category_merged", category_id: "b", target_id: "a" },
      ),
    );
    expect(mergedInto(circle).size).toBe(2);
  });

  it("says in words what happened", () => {
    const names = namesIn(steps);
    const nameOf = (id: string): string => names.get(id) ?? id;
    expect(effectiveSteps(steps).map((step) => describeStep(step, nameOf).what)).toEqual([
      "New category Home",
      "You chose Home",
      "Merged Home into garden",
      "Merged garden into planning",
      "Renamed to Looks",
    ]);
  });
});
