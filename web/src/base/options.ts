import { SmartSynchError } from "../errors.js";
import { invalidType } from "./invalid_type.js";

/**
 * Checks what a caller passed as options of a call; left out is fine.
 * @throws SmartSynchError `invalid_argument`, naming the field.
 */
export function checkOptions(options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw invalidType("options", "an object", options);
  }
  const { signal, cacheBytes } = options as Record<string, unknown>;
  checkCacheBytes(cacheBytes);
  if (signal === undefined) return;
  // Not `instanceof`: signals of another frame or of a polyfill are as good.
  if (typeof (signal as AbortSignal | null)?.throwIfAborted !== "function") {
    throw invalidType("options.signal", "an AbortSignal", signal);
  }
}

/** The core's memory has 32 bits. */
const MOST_BYTES = 0xffff_ffff;

function checkCacheBytes(bytes: unknown): void {
  if (bytes === undefined) return;
  if (typeof bytes !== "number") throw invalidType("options.cacheBytes", "a number", bytes);
  if (!(bytes >= 0 && bytes <= MOST_BYTES)) {
    const message = `options.cacheBytes is ${String(bytes)}, expected 0 to ${String(MOST_BYTES)}`;
    throw new SmartSynchError("invalid_argument", message, "options.cacheBytes");
  }
}
