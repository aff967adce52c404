import type { CoreResult } from "smartsynch-core-module";

export type { CoreComparison, CoreExperiment } from "smartsynch-core-module";

import { codeNameOf, SmartSynchError } from "../errors.js";

/** What leaves a module in the middle of a call: a trap, or a stack or an array that is too large. */
const TRAPS = ["RuntimeError", "RangeError", "InternalError"];

/** Whether the module's memory is in an unknown state after a call of it that threw this. */
export function isTrap(error: unknown): error is Error {
  return error instanceof Error && TRAPS.includes(error.name);
}

/** Whether the core or the encoder's module is of no more use. */
export function isFatal(error: unknown): error is Error {
  return error instanceof CoreTrapError || error instanceof WebAssembly.RuntimeError;
}

/** The WebAssembly core broke down; whoever owns it must make a new one. */
export class CoreTrapError extends SmartSynchError {
  constructor(cause: Error) {
    // What the module's malloc says when its memory cannot grow.
    const code = cause.message.includes("OOM") ? "resource_exhausted" : "internal";
    super(code, `the WebAssembly core broke down: ${cause.message}`, "", { cause });
  }
}

/** The value, or the core's error thrown. */
export function unwrap<T>(result: CoreResult<T>): T {
  if (result.ok) return result.value;
  const { code, message, field } = result.error;
  throw new SmartSynchError(codeNameOf(code), message, field);
}
