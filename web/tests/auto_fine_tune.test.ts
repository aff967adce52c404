// Fine-tuning that starts by itself, with the real modules.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { CreateOptions, Notice } from "../src/types.js";
import { teach, TunableClient } from "./support/tunable_client.js";

let synch: TunableClient;
let notices: Notice[];
const onNotice = (notice: Notice): number => notices.push(notice);
beforeEach(() => {
  notices = [];
});
afterEach(() => {
  synch.dispose();
});

describe("fine-tuning by itself", () => {
  const byItself = (autoFineTune: CreateOptions["autoFineTune"]): Promise<TunableClient> =>
    TunableClient.make({ onNotice, autoFineTune, storage: false });
  const kinds = (): string[] => notices.map(({ kind }) => kind);

  it("begins when enough was taught and nobody types, once, and says so", async () => {
    synch = await byItself({ corrections: 20, idleMs: 20 });
    await teach(synch);
    await vi.waitFor(
      () => {
        expect(kinds()).toContain("fine-tuned");
      },
      { timeout: 20_000 },
    );
    expect(synch.versions()).toHaveLength(2);
    const shares = notices.flatMap((n) => (n.kind === "fine-tune-progress" ? [n.share] : []));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
    expect(shares.length).toBeLessThan(105);
    // What it has looked at does not count again.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(kinds().filter((kind) => kind === "fine-tune-started")).toHaveLength(1);
  });

  it("rests while somebody types, goes on later, and can be joined", async () => {
    synch = await byItself({ idleMs: 20 });
    await teach(synch);
    await vi.waitFor(() => {
      expect(kinds()).toContain("fine-tune-progress");
    });
    synch.predictInstant({ title: "cat red" });
    const before = kinds().length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    // At most the step that was under way.
    expect(kinds().length).toBeLessThanOrEqual(before + 1);
    const shares: number[] = [];
    const impatient = synch.fineTune({ signal: AbortSignal.abort() });
    await expect(impatient).rejects.toThrow("abort");
    const version = await synch.fineTune({ onProgress: (share) => shares.push(share) });
    expect(shares.at(-1)).toBe(1);
    expect(synch.versions()).toHaveLength(2);
    expect(version.createdMs).toBeGreaterThan(0);
    expect(kinds().filter((kind) => kind === "fine-tune-started")).toHaveLength(1);
  });

  it.each<[string, CreateOptions["autoFineTune"]]>([
    ["when it is switched off", false],
    ["below the number asked for", { corrections: 1000, idleMs: 0 }],
  ])("does not begin %s", async (_, autoFineTune) => {
    synch = await byItself(autoFineTune);
    await teach(synch);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(kinds()).not.toContain("fine-tune-started");
    expect(synch.fetches).toBe(0);
  });

  it("does not begin where the browser asks to save data", async () => {
    vi.stubGlobal("navigator", { connection: { saveData: true } });
    try {
      synch = await TunableClient.make({
        ...{ onNotice, storage: false, fullTier: "always" },
        autoFineTune: { idleMs: 0 },
      });
      await teach(synch);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(synch.fetches).toBe(0);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it("leaves it to another tab that does it already", async () => {
    let free = false;
    const request = (
      _name: string,
      _options: object,
      run: (lock: object | null) => Promise<unknown>,
    ): Promise<unknown> => run(free ? {} : null);
    vi.stubGlobal("navigator", { locks: { request } });
    try {
      synch = await TunableClient.make({ onNotice, autoFineTune: { idleMs: 10 } });
      await teach(synch);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(kinds()).not.toContain("fine-tune-started");
      free = true;
      await vi.waitFor(
        () => {
          expect(kinds()).toContain("fine-tuned");
        },
        { timeout: 20_000 },
      );
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
