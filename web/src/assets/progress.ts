import type { AssetName, LoadProgress } from "../types.js";
import type { OnBytes } from "./fetch_asset.js";
import type { AssetRequest } from "./manifest.js";

/**
 * Adds the files' own counts up into one {@link LoadProgress}. A file that has to be fetched twice
 * counts once, and the share never falls, whatever sizes become known on the way.
 */
export class ProgressSum {
  readonly #files = new Map<AssetName, { loaded: number; total: number }>();
  readonly #report: (progress: LoadProgress) => void;
  #share = 0;

  /** `requests`: all files that will be loaded, so that the total is known from the start. */
  constructor(requests: readonly AssetRequest[], report: (progress: LoadProgress) => void) {
    for (const { name, bytes } of requests) this.#files.set(name, { loaded: 0, total: bytes ?? 0 });
    this.#report = report;
  }

  /** These files are about to be loaded; a second time, or unforeseen, begins a new count. */
  begin(requests: readonly AssetRequest[]): void {
    for (const { name, bytes } of requests) {
      if (this.#files.get(name)?.loaded === 0) continue;
      this.#files.set(name, { loaded: 0, total: bytes ?? 0 });
      this.#share = 0;
    }
  }

  /** For an {@link AssetLoader}. */
  onBytes(asset: AssetName): OnBytes {
    return (loaded, total) => {
      this.update(asset, loaded, total);
    };
  }

  update(asset: AssetName, loaded: number, total: number): void {
    const before = this.#files.get(asset)?.loaded ?? 0;
    this.#files.set(asset, { loaded: Math.max(before, loaded), total });
    let loadedBytes = 0;
    let totalBytes = 0;
    for (const file of this.#files.values()) {
      loadedBytes += file.loaded;
      totalBytes += Math.max(file.total, file.loaded);
    }
    if (totalBytes > 0) this.#share = Math.max(this.#share, loadedBytes / totalBytes);
    this.#report({ asset, loadedBytes, totalBytes, share: this.#share });
  }
}
