import { vi } from "vitest";

/** What the browser does when it has no memory left to give; `vi.restoreAllMocks()` ends it. */
export function refuseMemory(): void {
  vi.spyOn(WebAssembly.Memory.prototype, "grow").mockImplementation(() => {
    throw new RangeError("WebAssembly.Memory.grow(): Maximum memory size exceeded");
  });
}

/** More than a core's memory has room for. */
export const HUGE = "x ".repeat(30_000_000);

/** Runs `call` while there is no memory; answers the error. */
export async function withoutMemory(call: () => unknown): Promise<unknown> {
  refuseMemory();
  try {
    await call();
  } catch (error) {
    return error;
  } finally {
    vi.restoreAllMocks();
  }
  return undefined;
}
