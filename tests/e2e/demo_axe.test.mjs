// axe-core over the demo in all of its states.
import assert from "node:assert/strict";
import { test } from "node:test";

import { axeViolations } from "./support/axe.mjs";
import { demoFile } from "./support/demo_data.mjs";
import { DemoPage, denyStorage, serveDemo } from "./support/demo_page.mjs";
import { walkStates } from "./support/demo_states.mjs";
import { addVersion } from "./support/second_version.mjs";
import { useSite } from "./support/suite.mjs";

const suite = useSite();

/** What is wrong with the page as it stands: by axe, or wider than the window. */
async function faults({ page }) {
  const found = await axeViolations(page);
  const wide = await page.evaluate(() => document.body.scrollWidth - window.innerWidth);
  return wide > 0 ? [...found, `${wide} pixels too wide`] : found;
}

/** Much of everything, own colours, and two versions, at last compared. */
async function walkFilled(demo, check) {
  const { page } = demo;
  const title =
    "A title that goes on for longer than anybody would like to read, and then some more";
  await demo.bring(demoFile({ tasks: 200, categories: 25, corrections: 15, title }));
  await demo.openPage("tasks");
  await page.evaluate(() => (document.getElementById("done").open = true));
  await check("200 tasks in 30 categories");
  await demo.openPage("categories-page");
  const colours = ["#ffffff", "#000000", "#ffff00", "#0000ff", "#808080"];
  for (const [i, colour] of colours.entries()) {
    await page.fill(`#category-rows li:nth-child(${i + 1}) .colour-field`, colour);
    await page.waitForSelector('#toast:has-text("has a new colour")');
  }
  await check("own colours");
  await demo.openPage("tasks");
  await demo.type("Buy milk", 1);
  await demo.settled();
  await check("own colours in the form");
  await demo.clear();
  await addVersion(demo.context, suite.site.origin);
  await page.reload();
  await demo.ready();
  await demo.openPage("learning-page");
  await page.waitForSelector('#versions li:has-text("Always research")');
  await check("two versions");
  await page.click('#versions button:has-text("Compare")');
  await page.waitForSelector("#experiment:not([hidden])");
  await check("comparing them");
  await page.click("#experiment-take");
  await page.waitForSelector("#experiment", { state: "hidden" });
  await page.waitForSelector('#versions li.active:has-text("Always research")');
  await check("the other version in use");
  await page.click("#roll-back");
  await page.waitForSelector('#versions li.active:has-text("As delivered")');
}

for (const [name, options, dir] of [
  ["light", { viewport: { width: 1280, height: 800 } }],
  ["dark", { viewport: { width: 1280, height: 800 }, colorScheme: "dark" }],
  ["phone", { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true }],
  ["dark phone", { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: "dark" }],
  ["200 % of a small window, right to left", { viewport: { width: 512, height: 384 } }, "rtl"],
  ["forced colours", { viewport: { width: 820, height: 1180 }, forcedColors: "active" }],
]) {
  test(`axe finds nothing wrong: ${name}`, async (t) => {
    const demo = await suite.open(t, { reducedMotion: "reduce", ...options });
    if (dir) await demo.page.evaluate((value) => (document.documentElement.dir = value), dir);
    const all = [];
    const check = async (state) => {
      for (const fault of await faults(demo)) all.push(`${state}: ${fault}`);
    };
    await walkStates(demo, check);
    await walkFilled(demo, check);
    assert.deepEqual(all, []);
  });
}

test("axe finds nothing wrong while it loads, and with what goes wrong", async () => {
  let isBroken = false;
  const waiting = [];
  const slow = await serveDemo((request, response) => {
    if (!/\.onnx$/.test(request.url)) return false;
    if (isBroken) response.writeHead(404, { "Content-Type": "text/plain" }).end("no");
    else waiting.push(response);
    return true;
  });
  const all = [];
  const demo = await DemoPage.open(suite.browser, slow.origin, {
    ready: false,
    initScript: denyStorage,
  });
  await demo.page.waitForSelector("#storage-notice:not([hidden])");
  await demo.page.waitForSelector("#loading-bar[value]");
  all.push(...(await faults(demo)));
  isBroken = true;
  for (const response of waiting) response.destroy();
  await demo.page.waitForSelector("#error:not([hidden])");
  await demo.page.evaluate(() => {
    for (const id of ["update", "hints", "loading-start"]) {
      document.getElementById(id).hidden = false;
    }
  });
  all.push(...(await faults(demo)));
  assert.deepEqual(all, []);
  await demo.close();
  await slow.close();
});
