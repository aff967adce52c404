// Learning in a real browser with the real model: shown at once in both tiers, kept over a reload,
// shared by two tabs, forgotten for good.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { openLoaded } from "./support/loaded_page.mjs";
import { useSite } from "./support/suite.mjs";

const suite = useSite();

const best = (page, title) =>
  page.evaluate(async (text) => {
    const full = await window.synch.predict({ title: text });
    const instant = window.synch.predictInstant({ title: text });
    return [instant, full].map((p) => `${p.tier} ${p.suggestions[0]?.categoryId}`);
  }, title);

describe("learning", () => {
  test("a correction shows at once, stays over a reload, reaches a second tab", async () => {
    const context = await suite.browser.newContext();
    const page = await openLoaded(context, suite.site.origin);
    const other = await openLoaded(context, suite.site.origin);
    const times = await page.evaluate(async () => {
      await window.synch.addCategory({ name: "Home" });
      const times = [];
      for (const plant of ["roses", "herbs", "trees", "cactus", "lawn", "hedge", "ferns", "ivy"]) {
        const task = { title: `Water the ${plant}` };
        const start = performance.now();
        await window.synch.feedback({ ...task, category: "Home" });
        await window.synch.predict(task);
        times.push(performance.now() - start);
      }
      return times.sort((a, b) => a - b);
    });
    console.log(`correction to next full answer: median ${times[4].toFixed(1)} ms`);
    const expected = ["instant home", "full home"];
    assert.deepEqual(await best(page, "Water the orchids"), expected);
    await other.waitForFunction(() => window.synch.categories().some(({ id }) => id === "home"));
    assert.deepEqual(await best(other, "Water the orchids"), expected);
    await page.close();
    const again = await openLoaded(context, suite.site.origin);
    assert.deepEqual(await best(again, "Water the orchids"), expected);
    const kinds = await again.evaluate(() => window.notices.map(({ kind }) => kind));
    assert.deepEqual(kinds, ["full-tier-ready"]);
    await again.evaluate(() => window.synch.forgetEverything());
    await other.waitForFunction(() => !window.synch.categories().some(({ id }) => id === "home"));
    await context.close();
  });
});
