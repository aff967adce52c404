// The two tiers one after the other: when the full one is asked, and what stays shown meanwhile.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { predictionFor } from "./support/predictions.js";
import { pause, setUpSession, settle } from "./support/typing.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the cascade", () => {
  it("asks the full tier at once when the instant one is unsure, and drops what is outdated", async () => {
    const { session, full, seen, listen } = setUpSession();
    void listen();
    session.update({ title: "unsure a" });
    await settle();
    expect(full.map(({ title }) => title)).toEqual(["unsure a"]);
    session.update({ title: "unsure b" });
    await settle();
    expect(full[0]?.signal.aborted).toBe(true);
    full[0]?.resolve(predictionFor("unsure a", "full"));
    full[1]?.resolve(predictionFor("unsure b", "full"));
    await pause();
    expect(full).toHaveLength(2);
    expect(seen).toEqual(["instant unsure a", "instant unsure b", "full unsure b"]);
  });

  it("waits for the pause all the same when it is told to", async () => {
    const { session, full, listen } = setUpSession({ eager: false });
    void listen();
    session.update({ title: "unsure" });
    await pause(119);
    expect(full).toHaveLength(0);
    await pause(1);
    expect(full).toHaveLength(1);
  });

  it.each([
    [0.1, ["design", "design", null]],
    [false as const, ["design", null, null]],
  ])("with the margin %s shows %s", async (margin, expected) => {
    const { session, full } = setUpSession({ margin });
    const shown: (string | null)[] = [];
    void (async () => {
      for await (const { categoryId } of session) shown.push(categoryId);
    })();
    session.update({ title: "sure" });
    await settle();
    session.update({ title: "unsure now" });
    await settle();
    full[0]?.resolve(predictionFor("unsure now", "full"));
    await settle();
    expect(shown).toEqual(expected);
  });

  it.each([-0.1, 1.1, Number.NaN, true as never])("refuses a margin of %s", (margin) => {
    expect(() => setUpSession({ margin })).toThrow(expect.objectContaining({ field: "margin" }));
  });
});
