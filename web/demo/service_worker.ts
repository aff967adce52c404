// Keeps the page's own files, so that a second visit needs no network. The build names the files with
// their hashes: what this worker hands out is exactly one version, whole and checked, or nothing.
//
// - Installing fetches every file and compares its hash; a deployment in progress fails here and is
//   tried again later. Model files that an earlier version kept are replaced in the same step.
// - A newer worker waits until no page of the older one is left: a page asks it to take over (then all
//   pages reload), or the only page is reloaded.
// - On every navigation all kept files are checked. One that is cut, altered or another file is
//   fetched once more; when the server no longer has it, the whole version is given up and the page
//   comes from the network, until the newer worker is installed.
export {};

interface KeptFile {
  /** Relative to the scope. */
  url: string;
  sha256: string;
}
declare const PAGE_FILES: readonly KeptFile[];
declare const PAGE_ASSETS: readonly KeptFile[];
declare const PAGE_VERSION: string;

/** The part of a service worker's global scope that is used; the DOM's types describe a page's. */
interface ServiceWorkerScope {
  registration: { scope: string; waiting: ServiceWorker | null; update(): Promise<unknown> };
  clients: { matchAll(options: { type: "window" }): Promise<readonly unknown[]> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Lifetime) => void): void;
  addEventListener(type: "message", listener: (event: Lifetime & { data: unknown }) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
}
interface Lifetime {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent extends Lifetime {
  request: Request;
  respondWith(response: Promise<Response> | Response): void;
}

const PREFIX = "smartsynch-page-";
const CACHE_NAME = PREFIX + PAGE_VERSION;
/** The package's own; names carry a part of the hash (src/assets/cached_asset.ts). */
const ASSET_CACHE = "smartsynch-assets";

const scope = globalThis as unknown as ServiceWorkerScope;
const base = scope.registration.scope;
const page = new URL("demo/", base).href;
const files = new Map(PAGE_FILES.map((file) => [new URL(file.url, base).href, file.sha256]));
const assets = new Map(PAGE_ASSETS.map((file) => [new URL(file.url, base).href, file.sha256]));

scope.addEventListener("install", (event) => {
  event.waitUntil(install());
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(activate());
});

scope.addEventListener("message", (event) => {
  if (event.data === "take-over") event.waitUntil(scope.skipWaiting());
});

scope.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET") return;
  const address = url.replace(/[?#].*$/, "");
  if (mode === "navigate" && address === base) event.respondWith(Response.redirect(page));
  else if (mode === "navigate" && address === page) event.respondWith(navigate(event.request));
  else if (files.has(url)) event.respondWith(answer(event.request));
});

async function install(): Promise<void> {
  const cache = await caches.open(CACHE_NAME);
  await Promise.all([...files].map(([url, sha256]) => fetchInto(cache, url, sha256)));
  const kept = await keptAssets();
  const families = new Set(kept.map(familyOf));
  for (const [url, sha256] of assets) {
    const isNews = !kept.includes(url) && families.has(familyOf(url));
    if (isNews) await fetchInto(cache, url, sha256);
  }
}

/** No page of an older version is left: its files go, and the new model files take their place. */
async function activate(): Promise<void> {
  const cache = await caches.open(CACHE_NAME);
  const target = await caches.open(ASSET_CACHE);
  for (const { url } of await cache.keys()) {
    if (!assets.has(url)) continue;
    const response = await cache.match(url);
    if (response !== undefined) await target.put(url, response);
    await cache.delete(url);
  }
  for (const url of await keptAssets()) {
    if (url.startsWith(`${base}assets/`) && !assets.has(url)) await target.delete(url);
  }
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE_NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function navigate(request: Request): Promise<Response> {
  const { waiting } = scope.registration;
  if (waiting !== null && (await scope.clients.matchAll({ type: "window" })).length < 2) {
    // Nobody else shows the older version, so this page may begin with the newer one.
    waiting.postMessage("take-over");
    return new Response("", { headers: { Refresh: "0" } });
  }
  if ((await check()) !== "gone") return answer(request);
  await caches.delete(CACHE_NAME);
  await scope.registration.update().catch(() => undefined);
  return fetch(request);
}

/**
 * Compares all kept files with their hashes; spoilt ones are fetched once more. `gone`: the server has
 * other ones by now; `cut-off`: it could not be asked.
 */
async function check(): Promise<"whole" | "cut-off" | "gone"> {
  const cache = await caches.open(CACHE_NAME);
  const checks = [...files].map(async ([url, sha256]) => {
    const kept = await cache.match(url);
    if (kept !== undefined && (await hashOf(await kept.arrayBuffer())) === sha256) return;
    await cache.delete(url);
    await fetchInto(cache, url, sha256);
  });
  const failed = (await Promise.allSettled(checks)).flatMap((outcome) =>
    outcome.status === "rejected" ? [outcome.reason as unknown] : [],
  );
  if (failed.length === 0) return "whole";
  // What fetch() rejects with when there is no network.
  return failed.every((reason) => reason instanceof TypeError) ? "cut-off" : "gone";
}

async function answer(request: Request): Promise<Response> {
  // Not opened, which would make it anew after it was given up.
  if (!(await caches.has(CACHE_NAME))) return fetch(request);
  const cache = await caches.open(CACHE_NAME);
  const address = request.url.replace(/[?#].*$/, "");
  return (await cache.match(address)) ?? fetch(request);
}

/** @throws Error when the server has no such file, or another one. */
async function fetchInto(cache: Cache, url: string, sha256: string): Promise<void> {
  const response = await fetch(url, { cache: "reload" });
  if (!response.ok) throw new Error(`${url} (HTTP ${String(response.status)})`);
  const bytes = await response.arrayBuffer();
  if ((await hashOf(bytes)) !== sha256) throw new Error(`${url} is of another version`);
  // The server's policy and media type stay; its coding was undone on the way.
  const headers = new Headers(response.headers);
  headers.delete("content-encoding");
  headers.delete("content-length");
  await cache.put(url, new Response(bytes, { headers }));
}

async function keptAssets(): Promise<string[]> {
  const cache = await caches.open(ASSET_CACHE);
  return (await cache.keys()).map(({ url }) => url);
}

/** The address without its hash: what every version calls the same file. */
function familyOf(url: string): string {
  return url.replace(/\.[0-9a-f]{12}(\.\w+)$/, "$1");
}

async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
