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
  const { signal, cacheBytes, autoFineTune } = options as Record<string, unknown>;
  checkCacheBytes(cacheBytes);
  checkAutoFineTune(autoFineTune);
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

function checkAutoFineTune(auto: unknown): void {
  if (auto === undefined || typeof auto === "boolean") return;
  const field = "options.autoFineTune";
  if (typeof auto !== "object" || auto === null) {
    throw invalidType(field, "true, false or an object", auto);
  }
  const { corrections = 20, idleMs = 0 } = auto as Record<string, unknown>;
  checkAtLeast(corrections, 20, `${field}.corrections`);
  checkAtLeast(idleMs, 0, `${field}.idleMs`);
}

function checkAtLeast(value: unknown, least: number, field: string): void {
  if (typeof value !== "number") throw invalidType(field, "a number", value);
  if (value >= least && value < Infinity) return;
  const message = `${field} is ${String(value)}, expected ${String(least)} or more`;
  throw new SmartSynchError("invalid_argument", message, field);
}
