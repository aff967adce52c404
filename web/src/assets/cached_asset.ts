/**
 * Files kept in Cache Storage under their addresses, which carry a part of their hash. What comes out
 * is checked like what comes from the network; an entry that is cut, altered or another file is
 * thrown away and fetched once more.
 * @module
 */
import { AssetError } from "../errors.js";
import { type AssetLoader, fetchAsset, type LoadOptions } from "./fetch_asset.js";
import type { FileRequest } from "./manifest.js";
import { verifyAsset } from "./verify.js";

const CACHE_NAME = "smartsynch-assets";

/** The page's and the worker's loader; without `cache`, every file comes from the network. */
export function pageLoader(cache: boolean): AssetLoader {
  return cache ? loadCached : fetchChecked;
}

const loadCached: AssetLoader = async (request, options) => {
  // Without a known hash nothing could tell a good entry from a bad one.
  const cache = request.sha256 === undefined ? null : await openCache();
  if (cache === null) return fetchChecked(request, options);
  const kept = await readEntry(cache, request);
  options.signal?.throwIfAborted();
  if (kept !== null) {
    options.onBytes?.(kept.byteLength, kept.byteLength);
    return kept;
  }
  const bytes = await fetchChecked(request, options);
  // Nobody waits for this: a full disk must not keep a loaded file from being used.
  void keep(cache, request, bytes).catch(() => undefined);
  return bytes;
};

/** The browser's HTTP cache may hold a damaged answer, too: then the server is asked itself. */
const fetchChecked: AssetLoader = async (request, options) => {
  try {
    return await fetchAsset(request, options);
  } catch (error) {
    if (!(error instanceof AssetError) || error.codeName !== "invalid_data") throw error;
    const again: LoadOptions = { ...options, refresh: true };
    return fetchAsset(request, again);
  }
};

/** Null where there is none (insecure contexts) or it may not be used (sandboxed frames). */
async function openCache(): Promise<Cache | null> {
  const { caches } = globalThis as { caches?: CacheStorage };
  try {
    return (await caches?.open(CACHE_NAME)) ?? null;
  } catch {
    return null;
  }
}

async function readEntry(
  cache: Cache,
  request: FileRequest,
): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const response = await cache.match(request.url);
    if (response === undefined) return null;
    const bytes = new Uint8Array(await response.arrayBuffer());
    await verifyAsset(request, bytes, response.status);
    return bytes;
  } catch {
    await cache.delete(request.url).catch(() => false);
    return null;
  }
}

async function keep(
  cache: Cache,
  request: FileRequest,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  await cache.put(request.url, new Response(bytes));
  const family = familyOf(request.url);
  if (family === null) return;
  for (const { url } of await cache.keys()) {
    if (url !== request.url && familyOf(url) === family) await cache.delete(url);
  }
}

/** The address without its hash: what earlier builds called the same file. */
function familyOf(url: string): string | null {
  const match = /^(.*)\.[0-9a-f]{12}(\.\w+)$/.exec(url);
  return match === null ? null : `${match[1] ?? ""}${match[2] ?? ""}`;
}
