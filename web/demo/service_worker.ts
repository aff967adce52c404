// Keeps the page's own files, so that a second visit needs no network; the large ones are kept by the
// package itself. The build names the files and a version that changes with any of their contents.
export {};

declare const PAGE_FILES: readonly string[];
declare const PAGE_VERSION: string;

/** The part of a service worker's global scope that is used; the DOM's types describe a page's. */
interface ServiceWorkerScope {
  registration: { scope: string };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Lifetime) => void): void;
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

const scope = globalThis as unknown as ServiceWorkerScope;
const base = scope.registration.scope;
const kept = new Set(PAGE_FILES.map((file) => new URL(file, base).href));
const page = new URL("demo/", base).href;

scope.addEventListener("install", (event) => {
  event.waitUntil(install());
});

scope.addEventListener("activate", (event) => {
  event.waitUntil(removeOldVersions());
});

scope.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET") return;
  if (mode === "navigate" && url === base) event.respondWith(Response.redirect(page));
  else if (kept.has(url)) event.respondWith(answer(event.request));
});

async function install(): Promise<void> {
  const cache = await caches.open(CACHE_NAME);
  await cache.addAll([...kept].map((url) => new Request(url, { cache: "reload" })));
  await scope.skipWaiting();
}

async function removeOldVersions(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE_NAME);
  await Promise.all(old.map((name) => caches.delete(name)));
}

async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE_NAME);
  return (await cache.match(request.url)) ?? fetch(request);
}
