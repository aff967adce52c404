import type { LoadProgress } from "../../src/index.js";
import { percent } from "../model.js";
import { byId } from "./dom.js";

const MEGABYTE = 1_000_000;

/** Shows how far loading has come, and goes away when there is nothing left to load. */
export class LoadingBar {
  readonly #root = byId("loading", HTMLElement);
  readonly #text = byId("loading-text", HTMLElement);
  readonly #bar = byId("loading-bar", HTMLProgressElement);
  readonly #start = byId("loading-start", HTMLButtonElement);

  show({ totalBytes, share }: LoadProgress): void {
    if (totalBytes === 0) return;
    this.#root.hidden = false;
    this.#bar.hidden = false;
    this.#bar.value = share;
    this.#text.textContent =
      share < 1
        ? `Loading the full model: ${percent(share)} of ${(totalBytes / MEGABYTE).toFixed(0)} MB`
        : "Starting the full model…";
  }

  /** Instead of loading: a button that begins it. */
  offer(onStart: () => void): void {
    this.#root.hidden = false;
    this.#bar.hidden = true;
    this.#text.textContent = "Saving data: the instant model answers alone.";
    this.#start.hidden = false;
    this.#start.onclick = () => {
      this.#start.hidden = true;
      onStart();
    };
  }

  hide(): void {
    this.#root.hidden = true;
  }
}
