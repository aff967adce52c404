// Learning in a real browser with the real model: shown at once in both tiers, kept over a reload,
// shared by two tabs, forgotten for good.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { launchBrowser } from "./support/browser.mjs";
import { serveDemo } from "./support/demo_page.mjs";

let browser;
let site;
before(async () => {
  browser = await launchBrowser();
  site = await serveDemo();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** A page of the site without an application with a loaded instance as `window.synch`. */
async function openTab(context) {
  const page = await context.newPage();
  await page.goto(`${site.origin}/demo/icon.svg`);
  await page.evaluate(async () => {
    const { SmartSynch } = await import("/index.js");
    window.notices = [];
    window.synch = await SmartSynch.create({ onNotice: ({ kind }) => window.notices.push(kind) });
    await window.synch.ready();
  });
  return page;
}

const best = (page, title) =>
  page.evaluate(async (text) => {
    const full = await window.synch.predict({ title: text });
    const instant = window.synch.predictInstant({ title: text });
    return [instant, full].map((p) => `${p.tier} ${p.suggestions[0]?.categoryId}`);
  }, title);

describe("learning", () => {
  test("a correction shows at once, stays over a reload, reaches a second tab", async () => {
    const context = await browser.newContext();
    const page = await openTab(context);
    const other = await openTab(context);
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
    const again = await openTab(context);
    assert.deepEqual(await best(again, "Water the orchids"), expected);
    assert.deepEqual(await again.evaluate(() => window.notices), ["full-tier-ready"]);
    await again.evaluate(() => window.synch.forgetEverything());
    await other.waitForFunction(() => !window.synch.categories().some(({ id }) => id === "home"));
    await context.close();
  });
});
