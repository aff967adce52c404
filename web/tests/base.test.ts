import { describe, expect, it } from "vitest";

import { abortable } from "../src/base/abort.js";
import { SerialQueue } from "../src/base/serial_queue.js";
import { checkTask, checkTasks } from "../src/base/tasks.js";
import { toWellFormed } from "../src/base/well_formed.js";
import type { Task } from "../src/types.js";

describe("toWellFormed", () => {
  it.each([
    ["", ""],
    ["plain", "plain"],
    ["rocket 🚀!", "rocket 🚀!"],
    ["half \ud83d", "half \ufffd"],
    ["\ude80 other half", "\ufffd other half"],
    ["\ud83dx", "\ufffdx"],
    ["\ude80\ud83d", "\ufffd\ufffd"],
    ["\ud83d\ud83d\ude80", "\ufffd🚀"],
  ])("%j becomes %j", (text, expected) => {
    expect(toWellFormed(text)).toBe(expected);
  });
});

describe("checkTask", () => {
  it("takes title and description and ignores the rest", () => {
    expect(checkTask({ title: "a", description: "b", more: 1 } as Task)).toEqual({
      title: "a",
      description: "b",
    });
    expect(checkTask({ title: "a" })).toEqual({ title: "a", description: "" });
    expect(checkTask({ title: "a", description: null })).toEqual({ title: "a", description: "" });
  });

  it.each<[unknown, string]>([
    [null, "task"],
    ["Fix login", "task"],
    [{}, "task.title"],
    [{ title: 5 }, "task.title"],
    [{ title: "a", description: 5 }, "task.description"],
  ])("refuses %j, naming %s", (task, field) => {
    expect(() => checkTask(task as Task)).toThrow(
      expect.objectContaining({ codeName: "invalid_argument", field }),
    );
  });

  it("names the bad one of many", () => {
    const tasks = [{ title: "a" }, { title: null }] as unknown as Task[];
    expect(() => checkTasks(tasks)).toThrow(expect.objectContaining({ field: "tasks[1].title" }));
    expect(() => checkTasks("ab" as unknown as Task[])).toThrow(
      expect.objectContaining({ field: "tasks" }),
    );
  });
});

describe("abortable", () => {
  it("rejects with the reason as soon as the signal fires", async () => {
    const controller = new AbortController();
    const never = abortable(new Promise(() => undefined), controller.signal);
    controller.abort();
    await expect(never).rejects.toMatchObject({ name: "AbortError" });
  });

  it("rejects at once when the signal has fired already", async () => {
    const reason = new Error("mine");
    await expect(abortable(Promise.resolve(1), AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it("passes value and error on", async () => {
    const { signal } = new AbortController();
    await expect(abortable(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(abortable(Promise.reject(new Error("e")), signal)).rejects.toThrow("e");
  });
});

describe("SerialQueue", () => {
  it("runs one job at a time, in order", async () => {
    const queue = new SerialQueue();
    const log: string[] = [];
    const job = (name: string) => async (): Promise<string> => {
      log.push(`${name} begins`);
      await Promise.resolve();
      log.push(`${name} ends`);
      return name;
    };
    const results = await Promise.all([queue.run(job("a")), queue.run(job("b"))]);
    expect(results).toEqual(["a", "b"]);
    expect(log).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  });

  it("goes on after a job that failed", async () => {
    const queue = new SerialQueue();
    const bad = queue.run(() => Promise.reject(new Error("bad")));
    const good = queue.run(() => Promise.resolve("good"));
    await expect(bad).rejects.toThrow("bad");
    await expect(good).resolves.toBe("good");
  });

  it("skips a waiting job whose signal fired", async () => {
    const queue = new SerialQueue();
    const controller = new AbortController();
    let ran = false;
    const first = queue.run(() => Promise.resolve());
    const second = queue.run(() => {
      ran = true;
      return Promise.resolve();
    }, controller.signal);
    controller.abort();
    await first;
    await expect(second).rejects.toMatchObject({ name: "AbortError" });
    expect(ran).toBe(false);
  });
});
