import { SmartSynchError } from "../errors.js";

/**
 * Checks what a caller passed as options of a call; left out is fine.
 * @throws SmartSynchError `invalid_argument`, naming the field.
 */
export function checkOptions(options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw invalid("options", "an object", options);
  }
  const { signal } = options as Record<string, unknown>;
  if (signal === undefined) return;
  // Not `instanceof`: signals of another frame or of a polyfill are as good.
  if (typeof (signal as AbortSignal | null)?.throwIfAborted !== "function") {
    throw invalid("options.signal", "an AbortSignal", signal);
  }
}

function invalid(field: string, expected: string, found: unknown): SmartSynchError {
  const kind = found === null ? "null" : typeof found;
  return new SmartSynchError(
    "invalid_argument",
    `${field} is ${kind}, expected ${expected}`,
    field,
  );
}
