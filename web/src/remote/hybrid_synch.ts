import { SmartSynchError } from "../errors.js";
import type {
  BatchOptions,
  Category,
  Feedback,
  FullTierState,
  Prediction,
  PredictOptions,
  Recorded,
  Task,
} from "../types.js";
import type { RemoteFeedbackOptions } from "./remote_synch.js";

/** What `HybridSynch` needs of the local `SmartSynch`. */
export interface LocalPart {
  readonly fullTier: FullTierState;
  predict(task: Task, options?: PredictOptions): Promise<Prediction>;
  predictBatch(tasks: readonly Task[], options?: BatchOptions): Promise<Prediction[]>;
  feedback(feedback: Feedback): Promise<Recorded>;
  categories(): Category[];
  dispose(): void;
}

/** What `HybridSynch` needs of `RemoteSynch`. */
export interface RemotePart {
  predict(task: Task, options?: PredictOptions): Promise<Prediction>;
  predictBatch(tasks: readonly Task[], options?: BatchOptions): Promise<Prediction[]>;
  feedback(feedback: Feedback, options?: RemoteFeedbackOptions): Promise<Recorded>;
  categories(): Category[];
  dispose(): void;
}

/** Options of `HybridSynch`. */
export interface HybridOptions {
  /** Null on a device that cannot run it. */
  local: LocalPart | null;
  remote: RemotePart;
  /**
   * `"local"` (default): the device answers; the server where the device cannot, that is while its
   * full tier is not there. `"remote"`: the server answers; the device while the server is away.
   */
  first?: "local" | "remote" | undefined;
  /** How much feedback may wait for a server that is away; the oldest goes first. Default 1,000. */
  mostWaiting?: number | undefined;
}

/** What became of a feedback. */
export interface HybridRecorded extends Recorded {
  /** `"refused"`: the server said no, as for a category that only this user has. */
  server: "stored" | "waiting" | "refused";
}

/**
 * Device and server behind one interface. Feedback goes to both. Owns what it is given: `dispose()`
 * disposes of both.
 *
 * @example
 * ```ts
 * const remote = await RemoteSynch.create({ baseUrl: "https://tasks.example/smartsynch/" });
 * const local = await SmartSynch.create({ fullTier: "auto" });
 * const synch = new HybridSynch({ local, remote });
 * ```
 */
export class HybridSynch {
  readonly #local: LocalPart | null;
  readonly #remote: RemotePart;
  readonly #first: "local" | "remote";
  readonly #mostWaiting: number;
  readonly #waiting: { feedback: Feedback; key: string }[] = [];

  constructor({ local, remote, first = "local", mostWaiting = 1000 }: HybridOptions) {
    this.#local = local;
    this.#remote = remote;
    this.#first = first;
    this.#mostWaiting = mostWaiting;
  }

  /** From the side that comes first, or the other where that one cannot. */
  predict(task: Task, options: PredictOptions = {}): Promise<Prediction> {
    return this.#ask((side) => side.predict(task, options));
  }

  /** All from one side. */
  predictBatch(tasks: readonly Task[], options: BatchOptions = {}): Promise<Prediction[]> {
    return this.#ask((side) => side.predictBatch(tasks, options));
  }

  /** The device's, which include what the user added; the server's where there is no device. */
  categories(): Category[] {
    return (this.#local ?? this.#remote).categories();
  }

  /** How much feedback waits for the server. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Learnt on the device at once and sent to the server. While the server is away it waits in
   * memory, and is sent before the next one, or by `flush()`, under the same key.
   */
  async feedback(feedback: Feedback): Promise<HybridRecorded> {
    const recorded = (await this.#local?.feedback(feedback)) ?? null;
    const entry = { feedback: structuredClone(feedback), key: crypto.randomUUID() };
    if (await this.flush()) {
      try {
        const sent = await this.#send(entry);
        return { ...(recorded ?? sent), server: "stored" };
      } catch (error) {
        if (!isAway(error)) {
          if (recorded === null) throw error;
          return { ...recorded, server: "refused" };
        }
      }
    }
    this.#waiting.push(entry);
    if (this.#waiting.length > this.#mostWaiting) this.#waiting.shift();
    return { ...(recorded ?? { sequence: 0 }), server: "waiting" };
  }

  /** Sends what waits, in order. False when the server is still away. */
  async flush(): Promise<boolean> {
    for (let entry = this.#waiting[0]; entry !== undefined; entry = this.#waiting[0]) {
      try {
        await this.#send(entry);
      } catch (error) {
        if (isAway(error)) return false;
      }
      // Another flush may have sent it meanwhile.
      const at = this.#waiting.indexOf(entry);
      if (at >= 0) this.#waiting.splice(at, 1);
    }
    return true;
  }

  dispose(): void {
    this.#local?.dispose();
    this.#remote.dispose();
  }

  #send({ feedback, key }: { feedback: Feedback; key: string }): Promise<Recorded> {
    return this.#remote.feedback(feedback, { idempotencyKey: key });
  }

  async #ask<T>(call: (side: LocalPart | RemotePart) => Promise<T>): Promise<T> {
    const local = this.#local;
    if (local === null) return call(this.#remote);
    const [first, second] =
      this.#first === "local" && local.fullTier.status === "ready"
        ? [local, this.#remote]
        : [this.#remote, local];
    try {
      return await call(first);
    } catch (error) {
      if (!isAway(error)) throw error;
      return call(second);
    }
  }
}

/** Whether the side, rather than the call, is at fault. */
function isAway(error: unknown): boolean {
  return (
    error instanceof SmartSynchError &&
    (error.codeName === "unavailable" || error.codeName === "internal")
  );
}
