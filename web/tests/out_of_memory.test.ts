// Memory that cannot grow any more: the call fails by a typed error, nothing is answered wrongly,
// and a new core takes over from the log.
import { afterEach, describe, expect, it, vi } from "vitest";

import { Core, CoreTrapError } from "../src/core/core_module.js";
import { HUGE, refuseMemory } from "./support/memory.js";
import { coreBytes } from "./support/paths.js";

const bytes = coreBytes();
const task = { title: "Fix login crash", description: "" };

afterEach(() => {
  vi.restoreAllMocks();
});

/** The error of a call. */
function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a core whose memory cannot grow", () => {
  it("fails by a typed error, and so do its later calls", async () => {
    const core = await Core.create(bytes);
    refuseMemory();
    const error = errorOf(() => core.classifyInstant({ title: HUGE, description: "" }));
    expect(error).toBeInstanceOf(CoreTrapError);
    expect(error).toMatchObject({ codeName: "resource_exhausted" });
    expect(errorOf(() => core.classifyInstant(task))).toBe(error);
    core.dispose();
  });

  it("is replaced by a new one that knows what the log knew", async () => {
    const core = await Core.create(bytes);
    core.addCategory("Home", 1);
    core.record({ kind: "changed", time_ms: 2, title: "Water the plants", category_id: "home" });
    const log = core.log();
    const answer = core.classifyInstant(task);
    refuseMemory();
    const error = errorOf(() => {
      core.loadLog(HUGE);
    });
    expect(error).toMatchObject({ codeName: "resource_exhausted" });
    vi.restoreAllMocks();
    const next = await Core.create(bytes);
    next.loadLog(log);
    expect(next.classifyInstant(task)).toEqual(answer);
    next.dispose();
  });
});
