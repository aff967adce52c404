import { checkRange } from "./check_range.js";
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
  checkRange("options.cacheBytes", cacheBytes, 0, MOST_BYTES);
  checkAutoFineTune(autoFineTune);
  if (signal === undefined) return;
  // Not `instanceof`: signals of another frame or of a polyfill are as good.
  if (typeof (signal as AbortSignal | null)?.throwIfAborted !== "function") {
    throw invalidType("options.signal", "an AbortSignal", signal);
  }
}

/** The core's memory has 32 bits. */
const MOST_BYTES = 0xffff_ffff;

function checkAutoFineTune(auto: unknown): void {
  if (auto === undefined || typeof auto === "boolean") return;
  const field = "options.autoFineTune";
  if (typeof auto !== "object" || auto === null) {
    throw invalidType(field, "true, false or an object", auto);
  }
  const { corrections, idleMs } = auto as Record<string, unknown>;
  checkRange(`${field}.corrections`, corrections, 20);
  checkRange(`${field}.idleMs`, idleMs, 0);
}
