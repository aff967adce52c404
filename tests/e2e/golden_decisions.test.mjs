// The same decisions as natively about 1,000 titles, in both tiers: in Node.js and in Chromium.
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { test } from "node:test";

import { askAll, differences, readGolden, readReal, realMissing } from "../golden/decisions.mjs";
import { dist, launchBrowser } from "./support/browser.mjs";
import { serveDemo } from "./support/demo_page.mjs";

const golden = readGolden();
const seldom = { storage: false, cache: false, cacheBytes: 0 };

test("a difference is noticed, and another model named", () => {
  const answers = golden.tasks.map(({ instant, full }) => ({
    instant: [...instant],
    full: [...full],
  }));
  assert.deepEqual(differences(golden, { model: golden.model, answers }), []);
  answers[0].instant[0] = "none";
  answers[1].full[1] = "none";
  answers[2].full[2] += 0.001;
  answers[3].instant[3] += 0.00001;
  assert.equal(differences(golden, { model: golden.model, answers }).length, 4);
  assert.match(differences(golden, { model: "0", answers }).join(), /decisions\.py/);
});

/** The golden titles, and those that others wrote where they are there. */
for (const [what, skip, read] of [
  ["1,000 titles", false, readGolden],
  ["titles that others wrote", realMissing(), readReal],
]) {
  test(`${what}, in Node.js`, { skip }, async () => {
    const golden = read();
    const { SmartSynch } = await import(pathToFileURL(`${dist}/node.js`).href);
    const synch = await SmartSynch.create(seldom);
    await synch.ready();
    assert.deepEqual(differences(golden, await askAll(synch, golden.tasks)), []);
    synch.dispose();
  });

  test(`${what}, in Chromium`, { skip }, async (t) => {
    const golden = read();
    const browser = await launchBrowser();
    t.after(() => browser.close());
    const site = await serveDemo();
    t.after(() => site.close());
    const page = await browser.newPage();
    await page.goto(`${site.origin}/demo/icon.svg`);
    await page.evaluate(async (options) => {
      const { SmartSynch } = await import("/index.js");
      window.synch = await SmartSynch.create(options);
      await window.synch.ready();
    }, seldom);
    const tasks = golden.tasks.map(({ title, description }) => ({ title, description }));
    const answers = await page.evaluate(`(${askAll})(window.synch, ${JSON.stringify(tasks)})`);
    assert.deepEqual(differences(golden, answers), []);
  });
}
