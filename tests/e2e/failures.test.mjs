// Files that are missing or wrong, and a worker that breaks down: a clear error soon, and manual
// choice all the same.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { dist, launchBrowser } from "./support/browser.mjs";
import { DemoPage, serveDemo } from "./support/demo_page.mjs";

const PATIENCE_MS = 2000;
const notFound = (response) => response.writeHead(404, { "Content-Type": "text/plain" }).end("no");
const htmlPage = (response) =>
  response.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><p>Welcome");
const htmlAsWasm = (response) =>
  response.writeHead(200, { "Content-Type": "application/wasm" }).end("<!doctype html><p>Welcome");

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
});

/** A site that answers one file in another way, while `broken` is true. */
async function brokenSite(pattern, answer) {
  const state = { broken: true };
  const site = await serveDemo((request, response) => {
    if (!state.broken || !pattern.test(request.url)) return false;
    answer(response);
    return true;
  });
  return { ...site, state };
}

async function errorText(demo) {
  const start = performance.now();
  await demo.page.waitForSelector("#error:not([hidden])", {
    timeout: PATIENCE_MS,
  });
  assert.ok(performance.now() - start <= PATIENCE_MS);
  return demo.page.textContent("#error > div");
}

async function chooseByHand(demo) {
  await demo.type("Sketch the onboarding");
  await demo.page.click('label:has-text("Design")');
  await demo.page.click("#new-category");
  await demo.page.keyboard.type("Operations");
  await demo.page.keyboard.press("Enter");
  await demo.page.waitForSelector('label:has-text("Operations"):has(input:checked)');
  await demo.page.click('label:has-text("Research")');
  assert.deepEqual((await demo.result()).checked, "Research");
  await demo.page.click('button:has-text("Add task")');
  assert.deepEqual((await demo.result()).tasks, ["Sketch the onboarding: Research"]);
}

const CORE = /smartsynch_core.*\.wasm$/;
const RUNTIME = /ort-wasm.*\.wasm$/;

describe("the core's wasm file", () => {
  for (const [what, answer, status, words] of [
    ["a 404", notFound, 404, "could not be loaded"],
    ["an HTML page", htmlPage, 200, "is an HTML page"],
    ["an HTML page that claims to be WebAssembly", htmlAsWasm, 200, "is not a WebAssembly file"],
  ]) {
    test(`answered with ${what}`, async () => {
      const site = await brokenSite(CORE, answer);
      const demo = await DemoPage.open(browser, site.origin, { ready: false });
      const text = await errorText(demo);
      assert.match(text, new RegExp(`${site.origin}/assets/smartsynch_core\\.\\w+\\.wasm`));
      assert.ok(text.includes(`(HTTP ${status})`) && text.includes(words), text);
      await chooseByHand(demo);
      site.state.broken = false;
      await demo.page.click("#error-retry");
      await demo.ready();
      await demo.type("Fix login authentication bug");
      assert.equal((await demo.settled()).suggestions[0], "Development");
      const chips = await demo.page.locator("#categories label").allTextContents();
      assert.ok(chips.includes("Operations"), "a category made before loading is kept");
      await demo.close();
      await site.close();
    });
  }
});

describe("the full tier's files", () => {
  for (const [what, pattern, answer, status] of [
    ["ONNX Runtime answered with a 404", RUNTIME, notFound, 404],
    ["ONNX Runtime answered with an HTML page", RUNTIME, htmlPage, 200],
    ["the encoder answered with a 404", /\.onnx$/, notFound, 404],
    ["the worker answered with a 404", /worker\.js$/, notFound, 404],
  ]) {
    test(what, async () => {
      const site = await brokenSite(pattern, answer);
      const demo = await DemoPage.open(browser, site.origin, { ready: false });
      const text = await errorText(demo);
      assert.ok(text.includes(site.origin) && text.includes(`HTTP ${status}`), text);
      assert.match(text, /instant model goes on/);
      await demo.type("Fix login authentication bug");
      await demo.page.waitForSelector('#timing[data-tier="instant"]');
      assert.equal((await demo.result()).suggestions[0], "Development");
      site.state.broken = false;
      await demo.page.click("#error-retry");
      assert.equal((await demo.settled()).suggestions[0], "Development");
      await demo.close();
      await site.close();
    });
  }
});

describe("the package's errors in a page", () => {
  test("are typed, also when they come from the worker", async () => {
    const site = await brokenSite(RUNTIME, htmlPage);
    const demo = await DemoPage.open(browser, site.origin, { ready: false });
    const found = await demo.page.evaluate(async () => {
      const { SmartSynch, AssetError, SmartSynchError } = await import("/index.js");
      const synch = await SmartSynch.create();
      const { error } = await synch.ready();
      const missing = await SmartSynch.create({
        urls: { core: "gone.wasm" },
      }).catch((e) => e);
      const aborted = await SmartSynch.create({
        signal: AbortSignal.abort(),
      }).catch((e) => e);
      const instant = await synch.predict({ title: "Fix login" });
      synch.dispose();
      const late = await synch.predict({ title: "a" }).catch((e) => e);
      return {
        runtime: [error instanceof AssetError, error.codeName, error.status, error.url],
        core: [missing instanceof AssetError, missing.codeName, missing.status],
        aborted: [aborted instanceof DOMException, aborted.name],
        tier: instant.tier,
        late: [late instanceof SmartSynchError, late.codeName],
      };
    });
    assert.deepEqual(found.runtime.slice(0, 3), [true, "invalid_data", 200]);
    assert.match(found.runtime[3], /\/assets\/ort-wasm/);
    assert.deepEqual(found.core, [true, "unavailable", 404]);
    assert.deepEqual(found.aborted, [true, "AbortError"]);
    assert.equal(found.tier, "instant");
    assert.deepEqual(found.late, [true, "cancelled"]);
    await demo.close();
    await site.close();
  });

  test("a page's core that runs out of memory is started anew, and fields go on", async () => {
    const site = await serveDemo();
    const demo = await DemoPage.open(browser, site.origin);
    const found = await demo.page.evaluate(async () => {
      const { SmartSynch, SmartSynchError } = await import("/index.js");
      await import("/picker_define.js");
      const synch = await SmartSynch.create({ storage: "core-restart", fullTier: "never" });
      const { id } = await synch.addCategory({ name: "Home" });
      await synch.feedback({ title: "Water the plants", category: id });
      const state = () => [
        synch.predictInstant({ title: "Water the plants" }),
        synch.categories(),
        synch.exportUserData(),
      ];
      const before = JSON.stringify(state());
      const { grow } = WebAssembly.Memory.prototype;
      const withoutMemory = async (call) => {
        WebAssembly.Memory.prototype.grow = () => {
          throw new RangeError("no memory left");
        };
        try {
          return await call();
        } finally {
          WebAssembly.Memory.prototype.grow = grow;
        }
      };
      const huge = "x ".repeat(30_000_000);
      const error = await withoutMemory(() => synch.predictInstant({ title: huge })).catch(
        (e) => e,
      );
      const start = performance.now();
      const isSame = JSON.stringify(state()) === before;
      const tookMs = performance.now() - start;

      const picker = document.createElement("smartsynch-picker");
      picker.engine = synch;
      document.body.append(picker);
      const next = (type) =>
        new Promise((resolve) => picker.addEventListener(type, resolve, { once: true }));
      const failed = await withoutMemory(async () => {
        const failing = next("picker-error");
        picker.taskTitle = huge;
        return (await failing).error.codeName;
      });
      const changed = next("change");
      picker.taskTitle = "Fix login authentication bug";
      await changed;
      const chosen = picker.value;
      await synch.feedback({ title: "Buy bread", category: id });
      synch.dispose();
      const later = await SmartSynch.create({ storage: "core-restart", fullTier: "never" });
      const kept = later.exportUserData();
      later.dispose();
      return {
        ...{ isSame, failed, chosen, tookMs },
        error: [error instanceof SmartSynchError, error.codeName],
        kept: ["Water the plants", "Buy bread"].map((title) => kept.includes(title)),
      };
    });
    console.log(`started anew and asked three times: ${found.tookMs.toFixed(0)} ms`);
    assert.deepEqual(found.error, [true, "resource_exhausted"]);
    assert.ok(found.isSame);
    assert.deepEqual([found.failed, found.chosen], ["resource_exhausted", "development"]);
    assert.deepEqual(found.kept, [true, true]);
    await demo.close();
    await site.close();
  });

  test("a worker that breaks down rejects its calls and is replaced", async () => {
    const site = await serveDemo((request, response) => {
      if (!request.url.startsWith("/worker.js")) return false;
      const crash = `addEventListener("message", ({ data }) => {
        if (data.payload?.task?.title === "crash") setTimeout(() => { throw new Error("boom"); });
      });`;
      response.writeHead(200, { "Content-Type": "text/javascript" });
      response.end(crash + readFileSync(`${dist}/worker.js`, "utf8"));
      return true;
    });
    const demo = await DemoPage.open(browser, site.origin);
    const found = await demo.page.evaluate(async () => {
      const { SmartSynch } = await import("/index.js");
      const notices = [];
      const synch = await SmartSynch.create({
        onNotice: ({ kind }) => notices.push(kind),
      });
      await synch.ready();
      const tasks = Array.from({ length: 400 }, (_, i) => ({
        title: `Task ${i}`,
      }));
      const pending = synch.predictBatch(tasks).catch((e) => e.message);
      await synch.predict({ title: "crash" }).catch(() => undefined);
      const rejected = await pending;
      const after = await synch.predict({
        title: "Fix login authentication bug",
      });
      synch.dispose();
      return {
        notices,
        rejected,
        tier: after.tier,
        best: after.suggestions[0].category,
      };
    });
    assert.deepEqual(found.notices, ["full-tier-ready", "worker-restarted", "full-tier-ready"]);
    assert.match(found.rejected, /broke down: .*boom/);
    assert.deepEqual([found.tier, found.best], ["full", "Development"]);
    await demo.close();
    await site.close();
  });
});
