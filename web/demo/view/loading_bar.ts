import type { LoadProgress } from "../../src/index.js";
import { percent } from "../model.js";
import { byId } from "./dom.js";

const MEGABYTE = 1_000_000;

/** Shows how far loading has come, and goes away when there is nothing left to load. */
export class LoadingBar {
  readonly #root = byId("loading", HTMLElement);
  readonly #text = byId("loading-text", HTMLElement);
  readonly #bar = byId("loading-bar", HTMLProgressElement);

  show({ loadedBytes, totalBytes }: LoadProgress): void {
    if (totalBytes === 0) return;
    const share = Math.min(1, loadedBytes / totalBytes);
    this.#root.hidden = false;
    this.#bar.value = share;
    this.#text.textContent =
      share < 1
        ? `Loading the full model: ${percent(share)} of ${(totalBytes / MEGABYTE).toFixed(0)} MB`
        : "Starting the full model…";
  }

  hide(): void {
    this.#root.hidden = true;
  }
}
