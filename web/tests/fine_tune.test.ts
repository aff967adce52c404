// Fine-tuning end to end with the real core: one core as the page's, one behind an engine as the
// worker's, exemplars and an encoder made up so that there is something to learn.
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { VersionHistory } from "../src/client/version_history.js";
import type { StoredVersion } from "../src/storage/stored_history.js";
import type { Notice } from "../src/types.js";
import { teach, TunableClient } from "./support/tunable_client.js";

let synch: TunableClient;
let notices: Notice[];
const onNotice = (notice: Notice): number => notices.push(notice);
beforeEach(async () => {
  notices = [];
  synch = await TunableClient.make({ onNotice, autoFineTune: false });
});
afterEach(() => {
  synch.dispose();
});

describe("fineTune", () => {
  it("needs feedback, and says how much", async () => {
    await expect(synch.fineTune()).rejects.toMatchObject({
      codeName: "invalid_argument",
      field: "log",
    });
    expect(synch.fetches).toBe(0);
    expect(synch.versions()).toMatchObject([{ active: true, accepted: true, parent: null }]);
  });

  it("is unavailable without the full tier", async () => {
    const alone = await TunableClient.make({ fullTier: "never" });
    await expect(alone.fineTune()).rejects.toMatchObject({ codeName: "unavailable" });
    alone.dispose();
  });

  it("reports progress that never falls and keeps the outcome with its figures", async () => {
    await teach(synch);
    const shares: number[] = [];
    const version = await synch.fineTune({ onProgress: (share) => shares.push(share) });
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.length).toBeGreaterThan(20);
    expect(version.feedback.rows).toBeGreaterThan(0);
    expect(version.reason).toContain("held-out answers");
    expect(version.active).toBe(version.accepted);
    expect(synch.versions()).toHaveLength(2);
    await Promise.resolve();
    expect(notices).toContainEqual({ kind: "fine-tuned", version });
  });

  it("lets predictions in between, gives up when told to, and starts anew", async () => {
    await teach(synch);
    const controller = new AbortController();
    const cancelled = synch.fineTune({
      signal: controller.signal,
      onProgress: () => {
        controller.abort();
      },
    });
    await expect(cancelled).rejects.toThrow();
    let asked: Promise<unknown> | undefined;
    const running = synch.fineTune({
      onProgress: () => {
        asked ??= synch.predict({ title: "cat red north" });
      },
    });
    const [version] = await Promise.all([running, synch.fineTune()]);
    expect(await asked).toMatchObject({ tier: "full" });
    expect(synch.versions()).toHaveLength(2);
    expect(version.createdMs).toBeGreaterThan(0);
  });

  it("gives the same heads for the same log", async () => {
    await teach(synch);
    const log = synch.exportUserData();
    const first = await synch.fineTune();
    await synch.importUserData(log);
    expect(synch.versions()).toHaveLength(1);
    const second = await synch.fineTune();
    expect(second.id).toBe(first.id);
    expect(second.reason).toBe(first.reason);
  });

  it("drops what was trained on a log that was forgotten meanwhile", async () => {
    await teach(synch);
    let forgotten: Promise<void> | undefined;
    const running = synch.fineTune({
      onProgress: () => {
        forgotten ??= synch.forgetEverything();
      },
    });
    await expect(running).rejects.toMatchObject({ codeName: "cancelled" });
    await forgotten;
    expect(synch.versions()).toHaveLength(1);
  });
});

describe("VersionHistory", () => {
  const none = { rows: 0, championRight: 0, challengerRight: 0 };
  const stored = (id: string): StoredVersion => ({
    id,
    parent: "base",
    createdMs: 1,
    accepted: id !== "",
    reason: "",
    base: none,
    feedback: none,
    heads: new Uint8Array([id.length]),
  });

  it("activates what is accepted, and rolls back step by step to the base model", () => {
    const history = new VersionHistory();
    history.add(stored("one"));
    history.add(stored("two"));
    history.add(stored(""));
    const active = (): unknown => history.list("base").find((version) => version.active)?.id;
    expect(active()).toBe("two");
    expect(history.answering.heads).toEqual(new Uint8Array([3]));
    history.rollBack();
    expect(active()).toBe("one");
    history.rollBack();
    expect(active()).toBe("base");
    expect(history.answering.heads).toHaveLength(0);
    expect(() => {
      history.rollBack();
    }).toThrow("no version was active before");
    history.activate("two", "base");
    history.activate("base", "base");
    history.rollBack();
    expect(active()).toBe("two");
  });

  it("knows no version that is not there or was refused", () => {
    const history = new VersionHistory();
    history.add(stored(""));
    for (const id of ["", "three"]) {
      expect(() => {
        history.activate(id, "base");
      }).toThrow(id === "" ? /no version/ : "three");
    }
  });

  it("keeps a bounded number, the active one always", () => {
    const history = new VersionHistory();
    history.add(stored("first"));
    for (let i = 0; i < 40; i++) history.add({ ...stored(""), createdMs: i });
    expect(history.list("base").length).toBeLessThan(15);
    expect(history.answering.heads).toHaveLength(1);
  });

  it("knows up to where the log was looked at, also by a fine-tuning that was refused", () => {
    const history = new VersionHistory();
    expect(history.taughtUpTo).toBe(0);
    history.add(stored("of an earlier release"));
    expect(history.taughtUpTo).toBe(0);
    history.add({ ...stored("one"), taughtUpTo: 7 });
    history.add({ ...stored(""), taughtUpTo: 9 });
    expect(history.taughtUpTo).toBe(9);
    history.replace(null);
    expect(history.taughtUpTo).toBe(0);
  });
});
