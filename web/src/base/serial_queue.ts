/**
 * Runs jobs one after the other, in the order they came. A job that fails rejects its own promise
 * and nothing else; one whose signal fires while it waits is skipped.
 */
export class SerialQueue {
  #tail: Promise<unknown> = Promise.resolve();

  run<T>(job: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const result = this.#tail.then(() => {
      signal?.throwIfAborted();
      return job();
    });
    this.#tail = result.catch(() => undefined);
    return result;
  }
}

/** Lets waiting events (messages, input, timers) be handled before the code goes on. */
export function yieldToEvents(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
