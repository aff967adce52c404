import type { AssetName, LoadProgress } from "../types.js";
import type { OnBytes } from "./fetch_asset.js";
import type { AssetRequest } from "./manifest.js";

/** Adds the files' own counts up into one {@link LoadProgress}. */
export class ProgressSum {
  readonly #files = new Map<AssetName, { loaded: number; total: number }>();
  readonly #report: (progress: LoadProgress) => void;

  /** `requests`: all files that will be loaded, so that the total is known from the start. */
  constructor(requests: readonly AssetRequest[], report: (progress: LoadProgress) => void) {
    for (const { name, bytes } of requests) this.#files.set(name, { loaded: 0, total: bytes ?? 0 });
    this.#report = report;
  }

  /** For an {@link AssetLoader}. */
  onBytes(asset: AssetName): OnBytes {
    return (loaded, total) => {
      this.update(asset, loaded, total);
    };
  }

  update(asset: AssetName, loaded: number, total: number): void {
    this.#files.set(asset, { loaded, total });
    const sum = { asset, loadedBytes: 0, totalBytes: 0 };
    for (const file of this.#files.values()) {
      sum.loadedBytes += file.loaded;
      sum.totalBytes += Math.max(file.total, file.loaded);
    }
    this.#report(sum);
  }
}
