// axe-core over the demo in all of its states.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { axeViolations } from "./support/axe.mjs";
import { launchBrowser } from "./support/browser.mjs";
import { demoFile } from "./support/demo_data.mjs";
import { DemoPage, serveDemo } from "./support/demo_page.mjs";
import { addVersion } from "./support/second_version.mjs";

let browser, site;
before(async () => {
  browser = await launchBrowser();
  site = await serveDemo();
});
after(async () => {
  await site?.close();
  await browser?.close();
});

/** What is wrong with the page as it stands: by axe, or wider than the window. */
async function faults({ page }) {
  const found = await axeViolations(page);
  const wide = await page.evaluate(() => document.body.scrollWidth - window.innerWidth);
  return wide > 0 ? [...found, `${wide} pixels too wide`] : found;
}

const openPage = (demo, name) => demo.page.click(`.pages a[href="#${name}"]`);

/** Goes through the states of typing, correcting and managing; `check(name)` is called in each. */
async function walk(demo, check) {
  const { page } = demo;
  await check("idle");
  await demo.type("Fix login authentication bug", 1);
  assert.equal((await demo.settled()).state, "auto");
  await check("auto");
  await page.click("#undo-choice");
  await check("taken away");
  await demo.clear();
  await demo.type("Buy milk and eggs", 1);
  await demo.settled();
  await check("not auto");
  await page.click("#suggestions button");
  await check("manual");
  await page.click("#new-category");
  await check("dialog");
  await page.keyboard.press("Enter");
  await check("dialog with an error");
  await page.keyboard.press("Escape");
  await page.click('button:has-text("Add task")');
  await page.waitForSelector('#toast:has-text("Learnt")');
  await check("a task added, and learnt");
  await page.click("#task-list .tag");
  await check("editing");
  await page.keyboard.press("ArrowDown");
  await check("editing, its categories open");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.click("#task-list .task-check");
  await page.click("#done summary");
  await check("done");
  await openPage(demo, "categories-page");
  await check("categories");
  await page.click('button[aria-label="Merge Design"]');
  await check("merging");
  await page.keyboard.press("Escape");
  await openPage(demo, "learning-page");
  await check("learning");
  await page.click("#forget");
  await check("asked before forgetting");
  await page.keyboard.press("Escape");
}

/** Much of everything, own colours, and two versions, at last compared. */
async function walkFilled(demo, check) {
  const { page } = demo;
  const title =
    "A title that goes on for longer than anybody would like to read, and then some more";
  await demo.bring(demoFile({ tasks: 200, categories: 25, corrections: 15, title }));
  await openPage(demo, "tasks");
  await page.evaluate(() => (document.getElementById("done").open = true));
  await check("200 tasks in 30 categories");
  await openPage(demo, "categories-page");
  const colours = ["#ffffff", "#000000", "#ffff00", "#0000ff", "#808080"];
  for (const [i, colour] of colours.entries()) {
    await page.fill(`#category-rows li:nth-child(${i + 1}) .colour-field`, colour);
    await page.waitForSelector('#toast:has-text("has a new colour")');
  }
  await check("own colours");
  await openPage(demo, "tasks");
  await demo.type("Buy milk", 1);
  await demo.settled();
  await check("own colours in the form");
  await demo.clear();
  await addVersion(demo.context, site.origin);
  await page.reload();
  await demo.ready();
  await openPage(demo, "learning-page");
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
  test(`axe finds nothing wrong: ${name}`, async () => {
    const demo = await DemoPage.open(browser, site.origin, { reducedMotion: "reduce", ...options });
    if (dir) await demo.page.evaluate((value) => (document.documentElement.dir = value), dir);
    const all = [];
    const check = async (state) => {
      for (const fault of await faults(demo)) all.push(`${state}: ${fault}`);
    };
    await walk(demo, check);
    await walkFilled(demo, check);
    assert.deepEqual(all, []);
    await demo.close();
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
  const initScript = () => {
    Object.defineProperty(window, "indexedDB", {
      value: {
        open: () => {
          throw new DOMException("denied", "SecurityError");
        },
      },
    });
  };
  const demo = await DemoPage.open(browser, slow.origin, { ready: false, initScript });
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
