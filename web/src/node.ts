/**
 * SmartSynch in Node (20.19 or later): the same interface as in a page, without a worker. Files are
 * read from the package's `dist/assets/`.
 *
 * @example
 * ```ts
 * import { SmartSynch } from "smartsynch";
 *
 * const synch = await SmartSynch.create();
 * console.log(await synch.predict({ title: "Fix login authentication bug" }));
 * synch.dispose();
 * ```
 * @module
 */
import { builtManifest, resolveAssets, resolveFineTuneFiles } from "./assets/manifest.js";
import { readAsset } from "./assets/read_asset.js";
import { checkNodeVersion } from "./base/node_version.js";
import { checkOptions } from "./base/options.js";
import { fullTierStart } from "./client/full_tier_start.js";
import { loadCore } from "./client/load_core.js";
import { SmartSynchClient } from "./client/smart_synch_client.js";
import { loadEngine } from "./engine/load_engine.js";
import { LocalTier } from "./local_tier.js";
import type { Category, CreateOptions } from "./types.js";

export { AssetError, ErrorCode, SmartSynchError } from "./errors.js";
export type { ErrorCodeName, ErrorCodeNumber } from "./errors.js";
export type * from "./types.js";

/** By this name bundlers do not take the folder of the files for a file. */
const THIS_SCRIPT = import.meta.url;

/** A loaded SmartSynch; see the page's entry for every option. */
export class SmartSynch extends SmartSynchClient {
  /** As in a page, but the full tier runs in the caller's thread: a call blocks for some 10 ms. */
  static async create(options: CreateOptions = {}): Promise<SmartSynch> {
    checkNodeVersion(process.versions.node);
    checkOptions(options);
    const requests = resolveAssets(options, new URL("assets/", THIS_SCRIPT));
    const fineTune = resolveFineTuneFiles(options, new URL("assets/", THIS_SCRIPT));
    // The training would take the caller's own thread, so it waits to be asked for.
    const hosted = { ...options, autoFineTune: options.autoFineTune ?? false };
    const start = fullTierStart(options);
    const { core, bytes, progress } = await loadCore(requests, readAsset, options);
    if (start === "never") return new SmartSynch(core, null, hosted);
    return new SmartSynch(
      core,
      async (signal, events) => {
        progress.begin([requests.runtime, requests.encoder]);
        const engine = await loadEngine(bytes, {
          runtime: requests.runtime,
          encoder: requests.encoder,
          fineTune,
          load: readAsset,
          signal,
          onBytes: (asset, loaded, total) => {
            progress.update(asset, loaded, total);
          },
        });
        return new LocalTier(engine, events);
      },
      hosted,
    );
  }

  /** The categories of the model that this package was built with. */
  static builtInCategories(): Category[] {
    return structuredClone(builtManifest()?.categories ?? []);
  }
}
