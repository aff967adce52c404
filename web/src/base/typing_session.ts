import { checkRange } from "./check_range.js";
import { type CheckedTask, checkKeyedTask } from "./tasks.js";
import { SmartSynchError, toError } from "../errors.js";
import type { Category, FieldOptions, FieldSession, Prediction, Task } from "../types.js";
import { DEFAULT_MARGIN, steadyDecision } from "./steady_decision.js";

const DEFAULT_PAUSE_MS = 120;

/** What a typing session asks of its owner. */
export interface TypingSessionSource {
  /** A promise where the instant tier is far away; null where nothing is to be shown. */
  instant: (
    task: CheckedTask,
    signal: AbortSignal,
  ) => Prediction | null | Promise<Prediction | null>;
  /**
   * The full answer; null when there is none beyond the instant one. At most one runs at a time: the
   * signal of the one before has fired, and the owner drops it, running or waiting.
   */
  full: (task: CheckedTask, signal: AbortSignal) => Promise<Prediction | null>;
  onClose: () => void;
}

type Answer = { prediction: Prediction } | { error: Error };

interface Waiter {
  resolve: (result: IteratorResult<Prediction, undefined>) => void;
  reject: (error: Error) => void;
}

/** The implementation of {@link FieldSession}; the invariant is that `#answers` holds only answers to
 * the latest update. */
export class TypingSession implements FieldSession {
  readonly #source: TypingSessionSource;
  readonly #pauseMs: number;
  readonly #eager: boolean;
  readonly #margin: number | false;
  /** One version answers all of a text's states (see `Task.taskId`). */
  readonly #key = `field ${String(crypto.getRandomValues(new Uint32Array(4)))}`;
  #unanswered: CheckedTask | null = null;
  #answers: Answer[] = [];
  #waiters: Waiter[] = [];
  #latest = new AbortController();
  /** The signal of the update that the full tier has answered. */
  #refined: AbortSignal | null = null;
  #shown: Category | null = null;
  #deliveryPlanned = false;
  #closed = false;

  constructor(source: TypingSessionSource, options: FieldOptions = {}) {
    const { pauseMs = DEFAULT_PAUSE_MS, eager = true, margin = DEFAULT_MARGIN } = options;
    checkRange("pauseMs", pauseMs, 0);
    if (margin !== false && !(typeof margin === "number" && margin >= 0 && margin <= 1)) {
      const message = `margin is ${String(margin)}, expected 0 to 1, or false`;
      throw new SmartSynchError("invalid_argument", message, "margin");
    }
    this.#source = source;
    this.#pauseMs = pauseMs;
    this.#eager = eager;
    this.#margin = margin;
  }

  update(task: Task): void {
    if (this.#closed) throw new SmartSynchError("cancelled", "this field session is closed");
    const checked = { key: this.#key, ...checkKeyedTask(task) };
    this.#latest.abort();
    this.#latest = new AbortController();
    this.#unanswered = checked;
    this.#answers = [];
    this.#planDelivery();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#latest.abort();
    this.#unanswered = null;
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

  /** The instant answer now; the full one after a pause, or at once when the instant one is unsure. */
  #answerInstantly(task: CheckedTask): void {
    const { signal } = this.#latest;
    const refine = once(() => void this.#refine(task, signal));
    const take = (prediction: Prediction | null): void => {
      if (prediction === null) return;
      this.#answers.push({ prediction });
      // Without suggestions there is nothing to read in the text yet, and the encoder sees no more.
      const isUnsure = prediction.decision !== "auto" && prediction.suggestions.length > 0;
      if (this.#eager && isUnsure) refine();
    };
    const fail = (thrown: unknown): void => {
      this.#answers.push({ error: toError(thrown) });
    };
    const timer = setTimeout(refine, this.#pauseMs);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
    });
    try {
      const answer = this.#source.instant(task, signal);
      if (answer instanceof Promise) this.#takeLater(answer, signal, take, fail);
      else take(answer);
    } catch (thrown) {
      fail(thrown);
    }
  }

  /** An instant answer that comes after a newer update, or after the full answer, is dropped. */
  #takeLater(
    answer: Promise<Prediction | null>,
    signal: AbortSignal,
    take: (prediction: Prediction | null) => void,
    fail: (thrown: unknown) => void,
  ): void {
    const ifWanted =
      <T>(use: (value: T) => void) =>
      (value: T): void => {
        if (signal.aborted || this.#refined === signal) return;
        use(value);
        this.#planDelivery();
      };
    answer.then(ifWanted(take), ifWanted(fail));
  }

  async #refine(task: CheckedTask, signal: AbortSignal): Promise<void> {
    let answer: Answer;
    try {
      const prediction = await this.#source.full(task, signal);
      if (prediction === null) return;
      answer = { prediction };
    } catch (thrown) {
      answer = { error: toError(thrown) };
    }
    if (signal.aborted) return;
    this.#refined = signal;
    this.#answers.push(answer);
    this.#planDelivery();
  }

  /** Delivers a moment later: of several updates in a row, only the last is answered. */
  #planDelivery(): void {
    if (this.#deliveryPlanned) return;
    this.#deliveryPlanned = true;
    queueMicrotask(() => {
      this.#deliveryPlanned = false;
      const task = this.#unanswered;
      this.#unanswered = null;
      if (task !== null) this.#answerInstantly(task);
      this.#deliver();
    });
  }

  #deliver(): void {
    while (this.#waiters.length > 0) {
      const answer = this.#answers.shift();
      const waiter = answer && this.#waiters.shift();
      if (answer === undefined || waiter === undefined) return;
      if ("error" in answer) waiter.reject(answer.error);
      else waiter.resolve({ done: false, value: this.#steady(answer.prediction) });
    }
  }

  /** Only what is delivered counts as shown. */
  #steady(next: Prediction): Prediction {
    if (this.#margin === false) return next;
    const prediction = steadyDecision(next, this.#shown, this.#margin);
    const { categoryId: id, category: name } = prediction;
    this.#shown = id === null || name === null ? null : { id, name };
    return prediction;
  }
}

/** Calls `work` at the first call only. */
function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
