import { abortable } from "../base/abort.js";
import type { AssetLoader } from "../assets/fetch_asset.js";
import type { AssetRequests } from "../assets/manifest.js";
import { ProgressSum } from "../assets/progress.js";
import { Core, type CoreBytes } from "../core/core_module.js";
import type { CreateOptions } from "../types.js";
import { fullTierStart } from "./full_tier_start.js";

/** A core that can answer, what it was made of, and the progress that the full tier carries on. */
export interface LoadedCore {
  core: Core;
  bytes: CoreBytes;
  progress: ProgressSum;
}

/** Loads the three small files and makes a core of them. */
export async function loadCore(
  requests: AssetRequests,
  load: AssetLoader,
  options: CreateOptions,
): Promise<LoadedCore> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const small = [requests.core, requests.model, requests.vocabulary] as const;
  const all = fullTierStart(options) === "now" ? Object.values(requests) : small;
  const progress = new ProgressSum(all, (sum) => onProgress?.(sum));
  const [wasm, model, vocabulary] = (await Promise.all(
    small.map((request) => load(request, { signal, onBytes: progress.onBytes(request.name) })),
  )) as [Uint8Array, Uint8Array, Uint8Array];
  const bytes = { wasm, model, vocabulary, cacheBytes: options.cacheBytes };
  return { core: await abortable(Core.create(bytes), signal), bytes, progress };
}
