import { createHash } from "node:crypto";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { pageLoader } from "../src/assets/cached_asset.js";
import type { AssetRequest } from "../src/assets/manifest.js";

const BYTES = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const URL_ = "https://host/assets/core.0123456789ab.wasm";
const request: AssetRequest = {
  name: "core",
  url: URL_,
  bytes: 8,
  sha256: createHash("sha256").update(BYTES).digest("hex"),
};

/** Cache Storage with one cache, as far as it is used. */
class FakeCache {
  readonly entries = new Map<string, Response>();
  isFull = false;
  match(url: string): Promise<Response | undefined> {
    return Promise.resolve(this.entries.get(url)?.clone());
  }
  put(url: string, response: Response): Promise<void> {
    if (this.isFull) return Promise.reject(new Error("quota"));
    this.entries.set(url, response);
    return Promise.resolve();
  }
  delete(url: string): Promise<boolean> {
    return Promise.resolve(this.entries.delete(url));
  }
  keys(): Promise<{ url: string }[]> {
    return Promise.resolve([...this.entries.keys()].map((url) => ({ url })));
  }
}

let cache: FakeCache;
let answers: Response[];
let fetched: { url: string; init: RequestInit }[];
beforeEach(() => {
  cache = new FakeCache();
  answers = [];
  fetched = [];
  vi.stubGlobal("caches", { open: () => Promise.resolve(cache) });
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    fetched.push({ url, init });
    return Promise.resolve(answers.shift() ?? new Response(BYTES));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const load = (asset = request, keeps = true): Promise<Uint8Array> => pageLoader(keeps)(asset, {});
const stored = async (): Promise<Uint8Array> =>
  new Uint8Array((await (await cache.match(URL_))?.arrayBuffer()) ?? []);
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe("the page's loader", () => {
  it("fetches a file once, and tells its size when it comes from the cache", async () => {
    await load();
    await settle();
    const seen: number[][] = [];
    const again = await pageLoader(true)(request, { onBytes: (...counts) => seen.push(counts) });
    expect(again).toEqual(BYTES);
    expect(seen).toEqual([[8, 8]]);
    expect(fetched).toHaveLength(1);
  });

  it.each([
    ["cut", BYTES.subarray(0, 6)],
    ["empty", new Uint8Array()],
    ["altered", BYTES.map((byte, index) => (index === 7 ? 1 : byte))],
    ["an HTML page", new TextEncoder().encode("<!doctype html>")],
  ])("throws an entry away that is %s, and fetches it once more", async (_, bad) => {
    cache.entries.set(URL_, new Response(new Uint8Array(bad)));
    expect(await load()).toEqual(BYTES);
    await settle();
    expect(fetched).toHaveLength(1);
    expect(await stored()).toEqual(BYTES);
  });

  it("goes past the browser's own cache when that gave another file", async () => {
    answers = [new Response("<html>", { headers: { "Content-Type": "text/html" } })];
    expect(await load()).toEqual(BYTES);
    expect(fetched.map(({ init }) => init.cache)).toEqual(["default", "reload"]);
  });

  it("gives up when the server itself has another file, and keeps nothing", async () => {
    answers = [new Response("a"), new Response("b")];
    await expect(load()).rejects.toMatchObject({ codeName: "invalid_data", url: URL_ });
    await settle();
    expect(fetched).toHaveLength(2);
    expect(cache.entries.size).toBe(0);
  });

  it("asks once for what is not there", async () => {
    answers = [new Response("no", { status: 404 })];
    await expect(load()).rejects.toMatchObject({ codeName: "unavailable", status: 404 });
    expect(fetched).toHaveLength(1);
  });

  it("removes what an earlier build called the same, and nothing else", async () => {
    const old = "https://host/assets/core.ffffffffffff.wasm";
    const others = [
      "https://host/assets/model.ffffffffffff.wasm",
      "https://host/other/core.ffffffffffff.wasm",
    ];
    for (const url of [old, ...others]) cache.entries.set(url, new Response("x"));
    await load();
    await settle();
    expect([...cache.entries.keys()].sort()).toEqual([URL_, ...others].sort());
  });

  it("works with a full disk, without a cache, and where it may not be used", async () => {
    cache.isFull = true;
    expect(await load()).toEqual(BYTES);
    vi.stubGlobal("caches", undefined);
    expect(await load()).toEqual(BYTES);
    vi.stubGlobal("caches", { open: () => Promise.reject(new Error("denied")) });
    expect(await load()).toEqual(BYTES);
  });

  it("keeps nothing when told so, nor files without a known hash", async () => {
    await load(request, false);
    await load({ name: "core", url: URL_ });
    await settle();
    expect(cache.entries.size).toBe(0);
    expect(fetched).toHaveLength(2);
  });

  it("asks for the large files at low priority", async () => {
    await load();
    await load({ name: "encoder", url: "https://host/e" });
    expect(fetched.map(({ init }) => init.priority)).toEqual([undefined, "low"]);
  });
});
