// The module that fine-tunes, with bytes that are not what it expects.
import { describe, expect, it } from "vitest";

import { Core } from "../src/core/core_module.js";
import { FineTuneJob } from "../src/core/fine_tune_module.js";
import { exemplarFile } from "./support/exemplars.js";
import { coreBytes, fineTuneBytes } from "./support/paths.js";

const core = await Core.create(coreBytes());
const { baseVersion, dimension } = core.info;
const categories = core.categories().length;
const exemplars = exemplarFile(baseVersion, categories, { full: dimension, instant: 128 });
const added = core.addCategory("Left", 1).id;
const words = ["cat", "dog", "bird", "horse", "fish", "mouse", "sheep"];
for (const first of words) {
  for (const second of words) {
    const title = `${first} ${second} north`;
    core.record({ kind: "changed", time_ms: 2, title, category_id: added });
  }
}
const task = core.fineTuneTask();
const module = fineTuneBytes();

function run(job: FineTuneJob): ReturnType<FineTuneJob["step"]> {
  for (;;) {
    const answer = job.step();
    if (answer.result !== undefined) return answer;
  }
}

describe("FineTuneJob", () => {
  it("answers every step with a share that never falls, and the last with the outcome", async () => {
    const job = await FineTuneJob.begin(task, { module, exemplars });
    let share = 0;
    for (;;) {
      const { progress, result } = job.step();
      expect(progress).toBeGreaterThanOrEqual(share);
      share = progress;
      if (result === undefined) continue;
      expect(share).toBe(1);
      expect(result.base.rows).toBeGreaterThan(0);
      expect(result.reason).toContain("held-out answers");
      expect(result.heads.byteLength > 0).toBe(result.accepted);
      expect(result.version).toMatch(result.accepted ? /^[0-9a-f]{16}$/ : /^$/);
      break;
    }
    expect(job.step()).toMatchObject({ progress: 1 });
  });

  it("makes the same of the same, whatever runs beside it", async () => {
    const begin = (): Promise<FineTuneJob> => FineTuneJob.begin(task, { module, exemplars });
    const [one, two] = await Promise.all([begin(), begin()]);
    for (let i = 0; i < 20; i++) one.step();
    expect(run(two).result).toEqual(run(one).result);
  });

  it.each<[string, Uint8Array, Uint8Array, string]>([
    ["no task", new Uint8Array(), exemplars, "invalid_data"],
    ["half a task", task.slice(0, task.length / 2), exemplars, "invalid_data"],
    ["no exemplars", task, new Uint8Array(), "invalid_model"],
    [
      "damaged exemplars",
      task,
      exemplars.map((byte, i) => (i === 30_000 ? ~byte : byte)),
      "invalid_model",
    ],
    [
      "another model's exemplars",
      task,
      exemplarFile("fedcba9876543210", categories, { full: dimension, instant: 128 }),
      "incompatible",
    ],
  ])("refuses %s by name", async (_, given, file, codeName) => {
    const begun = FineTuneJob.begin(given, { module, exemplars: file });
    await expect(begun).rejects.toMatchObject({ name: "SmartSynchError", codeName });
  });

  it("refuses what is no module", async () => {
    const html = new TextEncoder().encode("<!doctype html>");
    for (const wrong of [html, new Uint8Array(), module.slice(0, 1000)]) {
      const begun = FineTuneJob.begin(task, { module: wrong, exemplars });
      await expect(begun).rejects.toMatchObject({ codeName: "internal" });
    }
  });

  it("needs nothing of its host but what the loader gives", async () => {
    const imports = WebAssembly.Module.imports(await WebAssembly.compile(module));
    const given = [
      "emscripten_notify_memory_growth",
      "proc_exit",
      "fd_write",
      "fd_seek",
      "fd_close",
    ];
    expect(given).toEqual(expect.arrayContaining(imports.map(({ name }) => name)));
  });
});
