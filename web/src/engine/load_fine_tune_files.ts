import type { AssetLoader } from "../assets/fetch_asset.js";
import type { FineTuneRequests } from "../assets/manifest.js";
import type { FineTuneFiles } from "../core/fine_tune_module.js";

/** Gets what a fine-tuning needs, when one begins. */
export type LoadFineTuneFiles = (signal?: AbortSignal) => Promise<FineTuneFiles>;

/** From where the page's other files come from, with the same checks. */
export function fineTuneLoader(requests: FineTuneRequests, load: AssetLoader): LoadFineTuneFiles {
  return async (signal) => {
    const [module, exemplars] = await Promise.all([
      load(requests.module, { signal }),
      load(requests.exemplars, { signal }),
    ]);
    return { module, exemplars };
  };
}
