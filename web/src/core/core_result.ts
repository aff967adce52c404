import type { CoreResult } from "smartsynch-core-module";

export type { CoreComparison, CoreExperiment } from "smartsynch-core-module";

import { codeNameOf, SmartSynchError } from "../errors.js";

/** The WebAssembly core broke down; whoever owns it must make a new one. */
export class CoreTrapError extends SmartSynchError {
  constructor(cause: WebAssembly.RuntimeError) {
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
