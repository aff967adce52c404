import type { AutoFineTune } from "../types.js";

/** What an {@link IdleFineTuning} needs of the client. */
export interface IdleHost {
  /** Steps about a task since the last fine-tuning; 0 where none can be run now. */
  pending: () => number;
  /**
   * Fine-tunes. `again`: not done, to be tried when it is quiet once more; `failed`: not before
   * something is taught again, so that a file that is not there is not asked for without end.
   */
  run: () => Promise<"done" | "again" | "failed">;
}

const DEFAULTS = { corrections: 20, idleMs: 3000 };

/**
 * Starts fine-tuning when enough was taught and nobody types: after `idleMs` without a text to
 * answer, and then in a moment that the browser has nothing else to do. One at a time. Knows nothing
 * of how it is done.
 */
export class IdleFineTuning {
  readonly #options: { corrections: number; idleMs: number };
  readonly #host: IdleHost;
  #lastText = -Infinity;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running = false;
  #stopped = false;

  constructor({ corrections, idleMs }: AutoFineTune, host: IdleHost) {
    this.#options = {
      corrections: corrections ?? DEFAULTS.corrections,
      idleMs: idleMs ?? DEFAULTS.idleMs,
    };
    this.#host = host;
  }

  /** A text came that is to be answered. Called for every letter, so it does next to nothing. */
  typed(): void {
    this.#lastText = performance.now();
  }

  /** Something was taught, or can be learnt from now on. */
  taught(): void {
    if (this.#timer === null && !this.#running && !this.#stopped) this.#wait();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(ms = this.#options.idleMs): void {
    this.#timer = setTimeout(() => {
      const left = this.#lastText + this.#options.idleMs - performance.now();
      if (left > 0) {
        this.#wait(left);
        return;
      }
      whenIdle(() => void this.#look());
    }, ms);
    // Node need not stay alive for this.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  async #look(): Promise<void> {
    this.#timer = null;
    if (this.#stopped || this.#host.pending() < this.#options.corrections) return;
    this.#running = true;
    const outcome = await this.#host.run();
    this.#running = false;
    // Enough may have been taught meanwhile.
    if (outcome !== "failed") this.taught();
  }
}

function whenIdle(run: () => void): void {
  const { requestIdleCallback: ask } = globalThis as Partial<
    Pick<Window & typeof globalThis, "requestIdleCallback">
  >;
  if (ask === undefined) run();
  else ask(run, { timeout: 1000 });
}
