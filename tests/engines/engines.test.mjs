// The core of the browser suite and the golden decisions in Firefox (WebDriver BiDi) and WebKitGTK
// (WebDriver); in Chromium, tests/e2e does this and more.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { serveDemo } from "../e2e/support/demo_page.mjs";
import { servePicker } from "../e2e/support/picker_page.mjs";
import { askAll, differences, readGolden, readReal, realMissing } from "../golden/decisions.mjs";
import { firefox } from "./support/firefox.mjs";
import { waitFor } from "./support/wait.mjs";
import { webkit } from "./support/webkit.mjs";

const KEPT_FILES = 6;

/** `window.synch` on a page of the site that has no application. */
async function loadSynch(page, origin, options) {
  await page.goto(`${origin}/demo/icon.svg`);
  return page.evaluate(async (given) => {
    const { SmartSynch } = await import("/index.js");
    window.synch = await SmartSynch.create(given);
    return (await window.synch.ready()).status;
  }, options);
}

/** What the demo shows once the full tier has answered. */
const settled = () => {
  if (document.querySelector('#timing[data-tier="full"]') === null) return null;
  return {
    best: document.querySelector("#suggestions .name, #categories label:has(input:checked)")
      ?.textContent,
    state: document.getElementById("result").dataset.state,
    error: !document.getElementById("error").hidden,
  };
};

for (const engine of [firefox, webkit]) {
  describe(engine.name, { skip: engine.missing() }, () => {
    let browser, site;
    before(async () => {
      browser = await engine.launch();
      site = await serveDemo();
      console.log(browser.version);
    });
    after(async () => {
      await site?.close();
      await browser?.close();
    });

    async function open(t) {
      const page = await browser.open();
      t.after(() => page.close());
      return page;
    }

    /** Types into the demo and waits for the full tier's answer. */
    async function answers(page) {
      await waitFor(page, () => document.querySelector("#loading")?.hidden);
      await page.evaluate(() => document.getElementById("title").focus());
      await page.type("Weekly team standup");
      const instant = await waitFor(
        page,
        () => document.querySelector("#timing[data-tier]")?.dataset.tier,
      );
      assert.match(instant, /^(instant|full)$/);
      const shown = await waitFor(page, settled);
      assert.match(shown.best, /Meeting/);
      assert.equal(shown.error, false);
    }

    test("the page answers while a title is typed", async (t) => {
      const page = await open(t);
      await page.goto(`${site.origin}/`);
      await answers(page);
    });

    test("a second visit needs no server", async (t) => {
      const own = await serveDemo();
      t.after(() => own.close());
      const page = await open(t);
      await page.goto(`${own.origin}/`);
      await waitFor(
        page,
        async (count) => {
          const cache = await caches.open("smartsynch-assets");
          const { active } = (await navigator.serviceWorker.getRegistration()) ?? {};
          return (await cache.keys()).length === count && active?.state === "activated";
        },
        KEPT_FILES,
      );
      await own.close();
      await page.goto(`${own.origin}/`);
      await answers(page);
    });

    test("the picker is used by keyboard", async (t) => {
      const own = await servePicker();
      t.after(() => own.close());
      const page = await open(t);
      await page.goto(`${own.origin}/`);
      await waitFor(page, () => window.ready);
      const value = () => document.getElementById("picker").value;
      await page.evaluate(() => document.getElementById("title").focus());
      await page.type("Fix login");
      await waitFor(page, () => document.getElementById("picker").value === "development");
      // Another one is chosen, stays whatever is typed, and is taken back.
      await page.press("Tab");
      await page.type("mark");
      await page.press("Enter");
      await waitFor(page, () => document.getElementById("picker").value === "marketing");
      await page.evaluate(() => document.getElementById("title").focus());
      await page.type(" again");
      assert.equal(await page.evaluate(value), "marketing");
      await page.press("Tab");
      await page.press("Escape");
      await waitFor(page, () => document.getElementById("picker").value === "development");
      const sent = await page.evaluate(() => {
        document.getElementById("form").requestSubmit();
        return window.sent;
      });
      assert.equal(sent, "development");
    });

    test("a correction shows at once in both tiers, stays over a reload and is forgotten", async (t) => {
      const page = await open(t);
      const best = (title) =>
        page.evaluate(async (text) => {
          const full = await window.synch.predict({ title: text });
          const instant = window.synch.predictInstant({ title: text });
          return [instant, full].map((p) => `${p.tier} ${p.suggestions[0]?.categoryId}`);
        }, title);
      assert.equal(await loadSynch(page, site.origin, {}), "ready");
      await page.evaluate(async () => {
        await window.synch.addCategory({ name: "Home" });
        for (const plant of ["roses", "herbs", "trees", "cactus"]) {
          await window.synch.feedback({ title: `Water the ${plant}`, category: "Home" });
        }
      });
      assert.deepEqual(await best("Water the orchids"), ["instant home", "full home"]);
      assert.equal(await loadSynch(page, site.origin, {}), "ready");
      assert.deepEqual(await best("Water the orchids"), ["instant home", "full home"]);
      await page.evaluate(() => window.synch.forgetEverything());
      assert.equal(await loadSynch(page, site.origin, {}), "ready");
      const ids = await page.evaluate(() => window.synch.categories().map(({ id }) => id));
      assert.equal(ids.includes("home"), false);
    });

    /** Nothing differs from `golden` in a page of this engine. */
    async function decides(t, golden) {
      const page = await open(t);
      const options = { storage: false, cache: false, cacheBytes: 0 };
      assert.equal(await loadSynch(page, site.origin, options), "ready");
      const tasks = golden.tasks.map(({ title, description }) => ({ title, description }));
      const asked = `(${askAll})(window.synch, ${JSON.stringify(tasks)})`;
      assert.deepEqual(differences(golden, await page.evaluate(asked)), []);
    }

    test("it decides 1,000 titles as every other host does", (t) => decides(t, readGolden()));

    test(
      "it decides titles that others wrote as the command line does",
      { skip: realMissing() },
      (t) => decides(t, readReal()),
    );
  });
}
