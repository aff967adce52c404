/**
 * SmartSynch in a page: puts a category on a task while its title is typed. Everything runs on the
 * user's own machine; the package loads its own files and nothing else.
 *
 * @example
 * ```ts
 * import { SmartSynch } from "smartsynch";
 *
 * const synch = await SmartSynch.create();
 * const { decision, category } = await synch.predict({ title: "Fix login authentication bug" });
 * if (decision === "auto") select(category);
 * synch.dispose();
 * ```
 * @module
 */
import { pageLoader } from "./assets/cached_asset.js";
import {
  builtManifest,
  resolveAssets,
  resolveFineTuneFiles,
  resolveWorker,
} from "./assets/manifest.js";
import { checkOptions } from "./base/options.js";
import { fullTierStart } from "./client/full_tier_start.js";
import { loadCore } from "./client/load_core.js";
import { SmartSynchClient } from "./client/smart_synch_client.js";
import { WorkerTier } from "./client/worker_tier.js";
import { storeName } from "./storage/host.js";
import { LogStore } from "./storage/log_store.js";
import type { Category, CreateOptions } from "./types.js";

export { AssetError, ErrorCode, SmartSynchError } from "./errors.js";
export type { ErrorCodeName, ErrorCodeNumber } from "./errors.js";
export type * from "./types.js";

/** By this name bundlers do not take the folder of the files for a file. */
const THIS_SCRIPT = import.meta.url;

/** A loaded SmartSynch. Two instances share nothing. */
export class SmartSynch extends SmartSynchClient {
  /**
   * Loads SmartSynch. Resolves as soon as the instant tier can answer (about 1 MB); encoder and
   * ONNX Runtime go on loading in a worker, which `ready()` waits for. When they cannot be loaded,
   * the instant tier goes on alone, and `onNotice` and `fullTier` say why.
   *
   * @throws AssetError with `url` and `status` when a file of the instant tier cannot be loaded or is
   * another file; SmartSynchError when model and vocabulary do not fit together; the signal's reason
   * when it fires.
   * @example
   * ```ts
   * const synch = await SmartSynch.create({
   *   baseUrl: "/smartsynch/assets/",
   *   onProgress: ({ loadedBytes, totalBytes }) => (bar.value = loadedBytes / totalBytes),
   *   signal: AbortSignal.timeout(60_000),
   * });
   * ```
   */
  static async create(options: CreateOptions = {}): Promise<SmartSynch> {
    checkOptions(options);
    const requests = resolveAssets(options, new URL("assets/", THIS_SCRIPT));
    const workerUrl = resolveWorker(options, new URL("./worker.js", import.meta.url));
    const { cache = true } = options;
    const load = pageLoader(cache);
    const fineTune = resolveFineTuneFiles(options, new URL("assets/", THIS_SCRIPT));
    const start = fullTierStart(options);
    const { core, bytes, progress } = await loadCore(requests, load, options);
    if (start === "never") return withStorage(new SmartSynch(core, null, options), options);
    const { runtime, encoder } = requests;
    const payload = { ...bytes, runtime, encoder, fineTune, cache };
    const synch = new SmartSynch(
      core,
      (signal, events) => {
        progress.begin([runtime, encoder]);
        return WorkerTier.load(workerUrl, payload, progress, signal, events);
      },
      options,
    );
    return withStorage(synch, options);
  }

  /** Takes over what was learnt in earlier visits; for `create`. */
  openStore(name: string): Promise<void> {
    return this.useStorage((events) => LogStore.open(name, events));
  }

  /**
   * The categories of the model that this package was built with, known without loading anything:
   * what to offer for manual choice when `create` fails.
   */
  static builtInCategories(): Category[] {
    return structuredClone(builtManifest()?.categories ?? []);
  }
}

/** Where it cannot be opened the instance is used without; `onNotice` says so. */
async function withStorage(synch: SmartSynch, options: CreateOptions): Promise<SmartSynch> {
  const name = storeName(options);
  if (name !== null) await synch.openStore(name);
  return synch;
}
