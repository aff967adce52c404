// A second visit without a network, whatever became of the files kept; and what the first one sends.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { launchBrowser } from "./support/browser.mjs";
import { DemoPage, serveDemo } from "./support/demo_page.mjs";

const KEPT_FILES = 6;

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
});

/** A site until the test ends, and the addresses that it was asked for. */
async function serve(t, observe = () => undefined) {
  const requested = [];
  const site = await serveDemo((request, response) => {
    requested.push(request.url);
    observe(request, response);
    return false;
  });
  t.after(() => site.close());
  return { site, requested };
}

async function open(t, site, options) {
  const demo = await DemoPage.open(browser, site.origin, options);
  t.after(() => demo.close());
  return demo;
}

/** A page that has loaded everything, and kept it. */
async function firstVisit(t, site) {
  const demo = await open(t, site);
  await demo.page.waitForFunction(async (count) => {
    const cache = await caches.open("smartsynch-assets");
    const { active } = (await navigator.serviceWorker.getRegistration()) ?? {};
    return (await cache.keys()).length === count && active?.state === "activated";
  }, KEPT_FILES);
  return demo;
}

async function bothTiersAnswer(demo) {
  await demo.type("Weekly team standup");
  assert.equal((await demo.settled()).suggestions[0], "Meeting");
  assert.equal(await demo.page.isVisible("#error"), false);
}

describe("a second visit", () => {
  test("needs no server", async (t) => {
    const { site } = await serve(t);
    const demo = await firstVisit(t, site);
    await site.close();
    await demo.page.goto(`${site.origin}/`);
    await demo.ready();
    await bothTiersAnswer(demo);
    assert.deepEqual(demo.complaints, []);
    assert.deepEqual(await demo.violations(), []);
  });

  test("asks for none of the large files again", async (t) => {
    const { site, requested } = await serve(t);
    const demo = await firstVisit(t, site);
    requested.length = 0;
    await demo.page.reload();
    await demo.ready();
    await bothTiersAnswer(demo);
    // The browser looks for a new service worker by itself.
    assert.deepEqual(
      requested.filter((url) => url !== "/service_worker.js"),
      [],
    );
  });
});

describe("kept files that are", () => {
  for (const what of ["cut", "altered", "replaced by an HTML page"]) {
    test(`${what} are fetched once more, and work`, async (t) => {
      const { site } = await serve(t);
      const demo = await firstVisit(t, site);
      await demo.page.evaluate(spoilEntries, what);
      assert.equal(await demo.page.evaluate(countGoodEntries), 0);
      await demo.page.reload();
      await demo.ready();
      await bothTiersAnswer(demo);
      assert.equal(await demo.page.evaluate(countGoodEntries), KEPT_FILES);
    });
  }
});

/** In the page: damages everything that is kept. */
async function spoilEntries(what) {
  const cache = await caches.open("smartsynch-assets");
  for (const { url } of await cache.keys()) {
    let bytes = new Uint8Array(await (await cache.match(url)).arrayBuffer());
    if (what === "cut") bytes = bytes.slice(0, bytes.length / 2);
    else if (what === "altered") bytes[bytes.length - 1] ^= 1;
    else bytes = "<!doctype html><p>Log in";
    await cache.put(url, new Response(bytes));
  }
}

/** In the page: how many kept files have the hash that is in their name. */
async function countGoodEntries() {
  const cache = await caches.open("smartsynch-assets");
  let good = 0;
  for (const { url } of await cache.keys()) {
    const bytes = await (await cache.match(url)).arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const hash = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (url.includes(`.${hash.slice(0, 12)}.`)) good += 1;
  }
  return good;
}

describe("loading progress", () => {
  for (const encoding of ["identity", "gzip", "br"]) {
    test(`rises from 0 to 1 with ${encoding}`, async (t) => {
      const used = new Set();
      const { site } = await serve(t, (request, response) => {
        request.headers["accept-encoding"] = encoding;
        if (request.url.startsWith("/assets/")) {
          response.on("finish", () => used.add(response.getHeader("content-encoding")));
        }
      });
      const demo = await open(t, site);
      const { shares, status, totals } = await demo.page.evaluate(async () => {
        const { SmartSynch } = await import("/index.js");
        const seen = [];
        const synch = await SmartSynch.create({
          cache: false,
          onProgress: (progress) => seen.push(progress),
        });
        const { status } = await synch.ready();
        synch.dispose();
        const totals = [...new Set(seen.map(({ totalBytes }) => totalBytes))];
        return { shares: seen.map(({ share }) => share), status, totals };
      });
      assert.equal(status, "ready");
      assert.ok(shares.length > 5);
      assert.ok(shares[0] > 0 && shares[0] < 0.5, `${shares[0]}`);
      assert.ok(
        shares.every((share, i) => i === 0 || share >= shares[i - 1]),
        "it never falls",
      );
      assert.equal(shares.at(-1), 1);
      assert.equal(totals.length, 1, "the total is known from the start");
      assert.deepEqual([...used], [encoding === "identity" ? undefined : encoding]);
    });
  }
});

test("a browser that asks to save data gets the large files on demand", async (t) => {
  const { site, requested } = await serve(t);
  const demo = await open(t, site, {
    ready: false,
    initScript: () => {
      Object.defineProperty(navigator, "connection", { value: { saveData: true } });
    },
  });
  await demo.page.waitForSelector("#loading-start:not([hidden])");
  await demo.type("Weekly team standup");
  await demo.page.waitForTimeout(300);
  assert.equal((await demo.result()).suggestions[0], "Meeting");
  const large = () => requested.filter((url) => /\.onnx$|ort-wasm/.test(url));
  assert.deepEqual(large(), []);
  await demo.page.click("#loading-start");
  await demo.ready();
  await demo.clear();
  await bothTiersAnswer(demo);
  assert.equal(large().length, 2);
});
