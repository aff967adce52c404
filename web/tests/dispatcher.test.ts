import { describe, expect, it, vi } from "vitest";

import { SmartSynchError } from "../src/errors.js";
import type { FromWorker, ToWorker } from "../src/protocol.js";
import { Dispatcher, type Handlers } from "../src/worker/dispatcher.js";
import { predictionFor } from "./support/predictions.js";

const task = (title: string): { task: { title: string; description: string } } => ({
  task: { title, description: "" },
});

function setUp(overrides: Partial<Handlers> = {}): {
  receive: (message: ToWorker) => void;
  sent: FromWorker[];
  answered: (count: number) => Promise<void>;
} {
  const sent: FromWorker[] = [];
  const handlers: Handlers = {
    load: () => Promise.resolve({ threads: 1 }),
    predict: ({ task: { title } }) => Promise.resolve(predictionFor(title, "full")),
    predictBatch: () => Promise.resolve([]),
    cacheStatistics: () => Promise.reject(new Error("not asked for")),
    learn: ({ line }) => Promise.resolve(line),
    restore: ({ lines }) => Promise.resolve(lines),
    fineTune: () => Promise.reject(new Error("not asked for")),
    rest: () => Promise.resolve(null),
    useVersions: () => Promise.resolve(null),
    ...overrides,
  };
  const dispatcher = new Dispatcher(
    handlers,
    (message) => sent.push(message),
    (error) => error instanceof RangeError,
  );
  const answered = (count: number): Promise<void> =>
    vi.waitFor(() => {
      expect(sent.filter(({ kind }) => kind === "response")).toHaveLength(count);
    });
  return { receive: dispatcher.receive.bind(dispatcher), sent, answered };
}

describe("Dispatcher", () => {
  it("answers every request with its own id", async () => {
    const { receive, sent, answered } = setUp();
    receive({ kind: "request", id: 7, type: "predict", payload: task("a") });
    receive({ kind: "request", id: 8, type: "predict", payload: task("b") });
    await answered(2);
    expect(sent).toEqual([
      { kind: "response", id: 7, ok: true, value: predictionFor("a", "full") },
      { kind: "response", id: 8, ok: true, value: predictionFor("b", "full") },
    ]);
  });

  it("answers a failed request with its error, and the next one as if nothing had been", async () => {
    const { receive, sent, answered } = setUp({
      predict: ({ task: { title } }) =>
        title === "bad"
          ? Promise.reject(new SmartSynchError("invalid_argument", "no", "task.title"))
          : Promise.resolve(predictionFor(title, "full")),
    });
    receive({ kind: "request", id: 1, type: "predict", payload: task("bad") });
    receive({ kind: "request", id: 2, type: "predict", payload: task("good") });
    await answered(2);
    expect(sent[0]).toMatchObject({ id: 1, ok: false, fatal: false, error: { code: 1 } });
    expect(sent[1]).toMatchObject({ id: 2, ok: true });
  });

  it("answers when a handler throws before it returns a promise", async () => {
    const { receive, sent, answered } = setUp({
      predict: () => {
        throw new Error("at once");
      },
    });
    receive({ kind: "request", id: 1, type: "predict", payload: task("a") });
    await answered(1);
    expect(sent[0]).toMatchObject({ ok: false, error: { message: "Error: at once" } });
  });

  it("says when the worker must be thrown away", async () => {
    const { receive, sent, answered } = setUp({
      predict: () => Promise.reject(new RangeError("memory access out of bounds")),
    });
    receive({ kind: "request", id: 1, type: "predict", payload: task("a") });
    await answered(1);
    expect(sent[0]).toMatchObject({ ok: false, fatal: true });
  });

  it.each(["nonsense", "toString", "__proto__"])("refuses the request type %s", async (type) => {
    const { receive, sent, answered } = setUp();
    receive({ kind: "request", id: 1, type, payload: null } as unknown as ToWorker);
    await answered(1);
    expect(sent[0]).toMatchObject({ ok: false, error: { field: "type" } });
  });

  it("passes progress on and tells the handler of a cancellation", async () => {
    const { receive, sent, answered } = setUp({
      predictBatch: ({ tasks }, { signal, progress }) =>
        new Promise((_, reject) => {
          progress({ done: 1, total: tasks.length });
          signal.addEventListener("abort", () => {
            reject(signal.reason as Error);
          });
        }),
    });
    const tasks = [task("a").task, task("b").task];
    receive({ kind: "request", id: 5, type: "predictBatch", payload: { tasks } });
    receive({ kind: "cancel", id: 5 });
    receive({ kind: "cancel", id: 99 });
    await answered(1);
    expect(sent).toMatchObject([
      { kind: "progress", id: 5, value: { done: 1, total: 2 } },
      { kind: "response", id: 5, ok: false, error: { code: 9 } },
    ]);
  });
});
