import { SerialQueue } from "../base/serial_queue.js";
import type { CreateOptions, StorageFailure } from "../types.js";

/** The name of the store that these options ask for; null: none. */
export function storeName({ storage = true }: Pick<CreateOptions, "storage">): string | null {
  if (storage === false) return null;
  return storage === true ? "smartsynch" : storage;
}

/** Once there is something to lose: that the browser does not clear it when space runs short. */
export function askToPersist(): void {
  const storage = (globalThis.navigator as Partial<Navigator> | undefined)?.storage;
  storage?.persist().catch(() => undefined);
}

/** Where there are no Web Locks (an insecure context), at least this tab's changes wait in turn. */
const waiting = new SerialQueue();

/** Runs `run` while no other tab of this origin holds the lock of that name. */
export async function locked<T>(name: string, run: () => Promise<T>): Promise<T> {
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
  return locks === undefined ? waiting.run(run) : locks.request(name, run);
}

/**
 * Runs `run` while no other tab of this origin does under that name: `wait` for the other's end, or
 * null at once. Without Web Locks there is nobody to ask.
 */
export async function inOneTab<T>(
  name: string,
  { wait, signal }: { wait: boolean; signal?: AbortSignal | undefined },
  run: () => Promise<T>,
): Promise<T | null> {
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
  if (locks === undefined) return run();
  if (!wait) {
    return locks.request(name, { ifAvailable: true }, (lock) => (lock === null ? null : run()));
  }
  return locks.request(name, signal === undefined ? {} : { signal }, run);
}

/** Why storage failed, from what the browser threw. */
export function reasonOf({ name }: Error): StorageFailure {
  if (name === "QuotaExceededError") return "full";
  return name === "TimeoutError" || name === "VersionError" ? "blocked" : "unavailable";
}
