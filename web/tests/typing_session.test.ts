import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { TypingSession } from "../src/base/typing_session.js";
import { SmartSynchError } from "../src/errors.js";
import type { Prediction } from "../src/types.js";
import { predictionFor } from "./support/predictions.js";
import { pause, setUpSession, settle } from "./support/typing.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("TypingSession", () => {
  it("yields the instant answer, then the full one after the pause", async () => {
    const { session, full, seen, listen } = setUpSession();
    void listen();
    session.update({ title: "a" });
    await settle();
    expect(seen).toEqual(["instant a"]);
    await pause(119);
    expect(full).toHaveLength(0);
    await pause(1);
    full[0]?.resolve(predictionFor("a", "full"));
    await settle();
    expect(seen).toEqual(["instant a", "full a"]);
  });

  it("asks the full tier once when letters come faster than the pause", async () => {
    const { session, full, seen, listen } = setUpSession();
    void listen();
    for (const title of ["F", "Fi", "Fix"]) {
      session.update({ title });
      await pause(100);
    }
    await pause(20);
    expect(seen).toEqual(["instant F", "instant Fi", "instant Fix"]);
    expect(full.map(({ title }) => title)).toEqual(["Fix"]);
  });

  it("answers only the last of several updates in one go", async () => {
    const { session, instant, seen, listen } = setUpSession();
    void listen();
    session.update({ title: "a" });
    session.update({ title: "ab" });
    session.update({ title: "abc" });
    await settle();
    expect(seen).toEqual(["instant abc"]);
    expect(instant).toEqual(["abc"]);
  });

  it("drops a full answer that comes after a newer update, and cancels its run", async () => {
    const { session, full, seen, listen } = setUpSession();
    void listen();
    session.update({ title: "old" });
    await pause();
    session.update({ title: "new" });
    expect(full[0]?.signal.aborted).toBe(true);
    full[0]?.resolve(predictionFor("old", "full"));
    await settle();
    await pause();
    full[1]?.resolve(predictionFor("new", "full"));
    await settle();
    expect(seen).toEqual(["instant old", "instant new", "full new"]);
  });

  it("drops an answer that nobody had taken when a newer update came", async () => {
    const { session, full } = setUpSession();
    session.update({ title: "old" });
    await pause();
    full[0]?.resolve(predictionFor("old", "full"));
    await settle();
    session.update({ title: "new" });
    const iterator = session[Symbol.asyncIterator]();
    await expect(iterator.next()).resolves.toMatchObject({
      value: { modelVersion: "new", tier: "instant" },
    });
  });

  it("never delivers anything stale, whatever the order of events", async () => {
    const { session, full } = setUpSession({ pauseMs: 10 });
    let latest = "";
    const stale: string[] = [];
    void (async () => {
      for await (const { modelVersion } of session) {
        if (modelVersion !== latest) stale.push(`${modelVersion} while ${latest}`);
      }
    })();
    let random = 1;
    for (let step = 0; step < 500; step += 1) {
      random = (random * 48271) % 2147483647;
      if (random % 3 === 0) {
        latest = `task ${String(step)}`;
        session.update({ title: latest });
      } else if (random % 3 === 1) {
        await pause(random % 17);
      } else {
        const call = full[random % Math.max(1, full.length)];
        call?.resolve(predictionFor(call.title, "full"));
        if (random % 2 === 0) await settle();
      }
    }
    expect(full.length).toBeGreaterThan(20);
    expect(stale).toEqual([]);
  });

  it("keeps quiet when there is no full answer", async () => {
    const { session, full, seen, listen } = setUpSession();
    void listen();
    session.update({ title: "a" });
    await pause();
    full[0]?.resolve(null);
    await settle();
    expect(seen).toEqual(["instant a"]);
  });

  it("throws a failed answer into the loop, and can be iterated again", async () => {
    const { session, full, seen, failures, listen } = setUpSession();
    void listen();
    session.update({ title: "a" });
    await pause();
    full[0]?.reject(new SmartSynchError("internal", "graph failed"));
    await settle();
    expect(failures).toMatchObject([{ message: "graph failed" }]);
    void listen();
    session.update({ title: "b" });
    await settle();
    expect(seen).toEqual(["instant a", "instant b"]);
  });

  it("throws a failed instant answer, too", async () => {
    const { session, failures, listen } = setUpSession();
    void listen();
    session.update({ title: "broken" });
    await settle();
    expect(failures).toMatchObject([{ codeName: "internal" }]);
  });

  it("forgets the failure of an outdated update", async () => {
    const { session, full, failures, listen } = setUpSession();
    void listen();
    session.update({ title: "old" });
    await pause();
    session.update({ title: "new" });
    full[0]?.reject(new Error("late"));
    await settle();
    expect(failures).toEqual([]);
  });

  it("ends on close, once, without a late answer", async () => {
    const { session, full, seen, listen, closed } = setUpSession();
    void listen();
    session.update({ title: "a" });
    await pause();
    session.close();
    session.close();
    full[0]?.resolve(predictionFor("a", "full"));
    await settle();
    expect(seen).toEqual(["instant a", "end"]);
    expect(closed()).toBe(1);
    expect(() => {
      session.update({ title: "b" });
    }).toThrow(expect.objectContaining({ codeName: "cancelled" }));
    await expect(session[Symbol.asyncIterator]().next()).resolves.toMatchObject({ done: true });
  });

  it("closes when the loop is left", async () => {
    const { session, closed } = setUpSession();
    const loop = (async () => {
      for await (const prediction of session) return prediction;
      return null;
    })();
    session.update({ title: "a" });
    await settle();
    await expect(loop).resolves.toMatchObject({ modelVersion: "a" });
    expect(closed()).toBe(1);
  });

  it("refuses a bad task and keeps the one before", async () => {
    const { session, seen, listen } = setUpSession();
    void listen();
    session.update({ title: "a" });
    expect(() => {
      session.update({ title: 5 } as never);
    }).toThrow(expect.objectContaining({ field: "task.title" }));
    await settle();
    expect(seen).toEqual(["instant a"]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuses a pause of %s ms", (pauseMs) => {
    expect(() => setUpSession({ pauseMs })).toThrow(expect.objectContaining({ field: "pauseMs" }));
  });

  it("takes an instant answer that comes later, unless a newer update or the full answer was first", async () => {
    const instant: ((prediction: Prediction | null) => void)[] = [];
    const session = new TypingSession({
      instant: () => new Promise((resolve) => instant.push(resolve)),
      full: ({ title }) => Promise.resolve(predictionFor(title, "full")),
      onClose: () => undefined,
    });
    const seen: string[] = [];
    void (async () => {
      for await (const { tier, modelVersion } of session) seen.push(`${tier} ${modelVersion}`);
    })();
    session.update({ title: "old" });
    await settle();
    session.update({ title: "new" });
    await settle();
    instant[0]?.(predictionFor("old", "instant"));
    await settle();
    expect(seen).toEqual([]);
    // An unsure answer asks the full tier at once.
    instant[1]?.(predictionFor("new", "instant"));
    await settle();
    expect(seen).toEqual(["instant new", "full new"]);
    session.update({ title: "slow" });
    await pause();
    instant[2]?.(predictionFor("slow", "instant"));
    await settle();
    expect(seen.slice(2)).toEqual(["full slow"]);
    session.update({ title: "none" });
    await settle();
    instant[3]?.(null);
    await pause();
    expect(seen.slice(3)).toEqual(["full none"]);
  });
});
