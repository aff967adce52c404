import { type CheckedTask, checkTask } from "../base/tasks.js";
import { SmartSynchError, toError } from "../errors.js";
import type { FieldOptions, FieldSession, Prediction, Task } from "../types.js";

const DEFAULT_PAUSE_MS = 120;

/** What a typing session asks of its owner. */
export interface TypingSessionSource {
  instant: (task: CheckedTask) => Prediction;
  /** The full answer; null when there is none beyond the instant one. */
  full: (task: CheckedTask, signal: AbortSignal) => Promise<Prediction | null>;
  onClose: () => void;
}

/** Makes one answer at the moment it is delivered, so that skipped updates cost nothing. */
type Answer = () => Prediction;

interface Waiter {
  resolve: (result: IteratorResult<Prediction, undefined>) => void;
  reject: (error: Error) => void;
}

/** The implementation of {@link FieldSession}; the invariant is that `#answers` holds only answers to
 * the latest update. */
export class TypingSession implements FieldSession {
  readonly #source: TypingSessionSource;
  readonly #pauseMs: number;
  #answers: Answer[] = [];
  #waiters: Waiter[] = [];
  #latest = new AbortController();
  #deliveryPlanned = false;
  #closed = false;

  constructor(source: TypingSessionSource, { pauseMs = DEFAULT_PAUSE_MS }: FieldOptions = {}) {
    if (!(pauseMs >= 0 && pauseMs < Infinity)) {
      const message = `pauseMs is ${String(pauseMs)}, expected 0 or more milliseconds`;
      throw new SmartSynchError("invalid_argument", message, "pauseMs");
    }
    this.#source = source;
    this.#pauseMs = pauseMs;
  }

  update(task: Task): void {
    if (this.#closed) throw new SmartSynchError("cancelled", "this field session is closed");
    const checked = checkTask(task);
    this.#latest.abort();
    const latest = new AbortController();
    this.#latest = latest;
    this.#answers = [() => this.#source.instant(checked)];
    this.#planDelivery();
    const timer = setTimeout(() => {
      void this.#refine(checked, latest.signal);
    }, this.#pauseMs);
    latest.signal.addEventListener("abort", () => {
      clearTimeout(timer);
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#latest.abort();
    this.#answers = [];
    for (const { resolve } of this.#waiters) resolve({ done: true, value: undefined });
    this.#waiters = [];
    this.#source.onClose();
  }

  [Symbol.asyncIterator](): AsyncIterator<Prediction, undefined> {
    return {
      next: () =>
        new Promise((resolve, reject) => {
          if (this.#closed) {
            resolve({ done: true, value: undefined });
            return;
          }
          this.#waiters.push({ resolve, reject });
          this.#planDelivery();
        }),
      return: () => {
        this.close();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  async #refine(task: CheckedTask, signal: AbortSignal): Promise<void> {
    let answer: Answer;
    try {
      const prediction = await this.#source.full(task, signal);
      if (prediction === null) return;
      answer = () => prediction;
    } catch (thrown) {
      answer = () => {
        throw toError(thrown);
      };
    }
    if (signal.aborted) return;
    this.#answers.push(answer);
    this.#planDelivery();
  }

  /** Delivers a moment later: of several updates in a row, only the last is answered. */
  #planDelivery(): void {
    if (this.#deliveryPlanned) return;
    this.#deliveryPlanned = true;
    queueMicrotask(() => {
      this.#deliveryPlanned = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    while (this.#waiters.length > 0) {
      const answer = this.#answers.shift();
      const waiter = answer && this.#waiters.shift();
      if (answer === undefined || waiter === undefined) return;
      try {
        waiter.resolve({ done: false, value: answer() });
      } catch (thrown) {
        waiter.reject(toError(thrown));
      }
    }
  }
}
