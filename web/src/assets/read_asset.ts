import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { AssetError } from "../errors.js";
import { type AssetLoader, fetchAsset } from "./fetch_asset.js";
import { verifyAsset } from "./verify.js";

/** Reads `file:` addresses from disk and fetches all others, with the same checks. Node only. */
export const readAsset: AssetLoader = async (request, options) => {
  if (!request.url.startsWith("file:")) return fetchAsset(request, options);
  const { signal, onBytes } = options;
  const bytes = await read(request.url, signal);
  onBytes?.(bytes.byteLength, bytes.byteLength);
  await verifyAsset(request, bytes, 0);
  return bytes;
};

async function read(url: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  try {
    // A copy of its own: Node may hand out a slice of a shared pool for small files.
    return new Uint8Array(
      await readFile(fileURLToPath(url), signal === undefined ? {} : { signal }),
    );
  } catch (cause) {
    signal?.throwIfAborted();
    throw new AssetError("unavailable", `${url} could not be read`, { url, status: 0 }, { cause });
  }
}
