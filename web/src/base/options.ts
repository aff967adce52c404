import { invalidType } from "./invalid_type.js";

/**
 * Checks what a caller passed as options of a call; left out is fine.
 * @throws SmartSynchError `invalid_argument`, naming the field.
 */
export function checkOptions(options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw invalidType("options", "an object", options);
  }
  const { signal } = options as Record<string, unknown>;
  if (signal === undefined) return;
  // Not `instanceof`: signals of another frame or of a polyfill are as good.
  if (typeof (signal as AbortSignal | null)?.throwIfAborted !== "function") {
    throw invalidType("options.signal", "an AbortSignal", signal);
  }
}
