// A task is prepared once for the encoder and the heads, and never answered from another one's text.
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Core } from "../src/core/core_module.js";
import { coreBytes } from "./support/paths.js";

const bytes = coreBytes();
let core: Core;
beforeAll(async () => {
  core = await Core.create(bytes);
});
afterAll(() => {
  core.dispose();
});

describe("a prepared task", () => {
  it("is classified with what was learnt after it was prepared", async () => {
    const task = { title: "Water the roses", description: "" };
    const answer = async (late: boolean): Promise<unknown> => {
      const own = await Core.create(bytes);
      const { length } = own.prepare(task).ids;
      const { id } = own.addCategory("Garden", 1);
      own.record({ kind: "changed", ...task, category_id: id, time_ms: 2 });
      if (!late) own.prepare(task);
      const hidden = new Float32Array(length * own.info.dimension).fill(0.1);
      const { categoryId, suggestions } = own.classifyHidden(task, hidden, length);
      own.dispose();
      return [categoryId, suggestions];
    };
    expect(await answer(true)).toEqual(await answer(false));
  });

  it("comes where no answer is remembered, the answer where one is", async () => {
    const task = { title: "Fix login", description: "" };
    const own = await Core.create(bytes);
    const prepared = own.prepare(task);
    expect(own.cachedOrPrepared(task)).toEqual({ known: null, ...prepared });
    const { length } = prepared.ids;
    const hidden = new Float32Array(length * own.info.dimension).fill(0.1);
    const known = own.classifyHidden(task, hidden, length);
    expect(own.cachedOrPrepared(task)).toEqual({ known });
    own.addCategory("Garden", 1);
    expect(own.cachedOrPrepared(task)).toEqual({ known: null, ...prepared });
    own.dispose();
  });

  it("is not taken for another one", () => {
    const [task, other] = ["Fix login", "Design the logo"].map((title) => {
      return { title, description: "" };
    }) as [{ title: string; description: string }, { title: string; description: string }];
    const { length } = core.prepare(task).ids;
    const hidden = new Float32Array(length * core.info.dimension).fill(0.1);
    const expected = core.classifyHidden(task, hidden, length);
    core.prepare(task);
    core.prepare(other);
    expect(core.classifyHidden(task, hidden, length)).toEqual(expected);
  });
});
