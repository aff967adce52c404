// A later version is deployed and the files of the earlier one are gone: no page ever runs with files
// of both, online and offline; and what became of the page's kept files does not matter.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { createStaticServer } from "../../web/tools/serve.mjs";
import { dist, launchBrowser } from "./support/browser.mjs";
import { DemoPage, serveDemo } from "./support/demo_page.mjs";
import { makeNextVersion } from "./support/next_version.mjs";

const folder = mkdtempSync(join(tmpdir(), "smartsynch-update-"));
const SCRIPTS = ["demo/app.js", "index.js", "picker.js"];

let browser, core, answerNext;
before(async () => {
  core = makeNextVersion(dist, folder);
  [answerNext] = createStaticServer(folder).listeners("request");
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** A site that serves one version, and from `deploy()` on the next; `missing`: what is not there yet. */
async function serve(t) {
  const state = { isNext: false, missing: null };
  const site = await serveDemo((request, response) => {
    if (state.missing?.test(request.url)) response.writeHead(404).end();
    else if (state.isNext) answerNext(request, response);
    else return false;
    return true;
  });
  t.after(() => site.close());
  return Object.assign(site, { state, deploy: () => (state.isNext = true) });
}

/** A page that has loaded and kept everything, and is served by its service worker. */
async function visit(t, site) {
  const demo = await DemoPage.open(browser, site.origin);
  t.after(() => demo.close());
  await demo.page.waitForFunction(async () => {
    const { active } = (await navigator.serviceWorker.getRegistration()) ?? {};
    const kept = await (await caches.open("smartsynch-assets")).keys();
    return active?.state === "activated" && kept.length === 6;
  });
  await demo.page.reload();
  await demo.ready();
  await isWholly(demo, "first");
  return demo;
}

/** The page works in both tiers, and all of it is of one version. */
async function isWholly(demo, version) {
  await demo.page.waitForSelector(
    `html${version === "next" ? "[data-version=next]" : ":not([data-version])"}`,
  );
  await demo.ready();
  const found = await demo.page.evaluate(() => globalThis.loadedVersions ?? []);
  const inWorker = await demo.page.workers()[0].evaluate(() => globalThis.loadedVersions ?? []);
  assert.deepEqual(found.sort(), version === "next" ? SCRIPTS : []);
  assert.deepEqual(inWorker, version === "next" ? ["worker.js"] : []);
  await demo.clear();
  await demo.type("Weekly team standup", 1);
  assert.equal((await demo.settled()).suggestions[0], "Meeting");
  assert.equal(await demo.page.isVisible("#error"), false);
}

/** Reloads until the browser has found and installed the new service worker. */
async function reloadUntilFound(demo) {
  await demo.page.reload();
  await isWholly(demo, "first");
  await demo.page.waitForSelector("#update:not([hidden])");
}

const keptCores = (demo) =>
  demo.page.evaluate(async () => {
    const kept = await (await caches.open("smartsynch-assets")).keys();
    return kept.map(({ url }) => url).filter((url) => url.includes("smartsynch_core"));
  });

describe("an update whose predecessor's files are gone", () => {
  test("comes whole with the second reload, and works offline", async (t) => {
    const site = await serve(t);
    const demo = await visit(t, site);
    site.deploy();
    await reloadUntilFound(demo);
    await demo.page.reload();
    await isWholly(demo, "next");
    assert.deepEqual(await keptCores(demo), [`${site.origin}/assets/${core.renamed}`]);
    await site.close();
    await demo.page.reload();
    await isWholly(demo, "next");
    assert.deepEqual(await demo.violations(), []);
  });

  test("works although the network is gone before its first load", async (t) => {
    const site = await serve(t);
    const demo = await visit(t, site);
    site.deploy();
    await reloadUntilFound(demo);
    await site.close();
    await demo.page.reload();
    await isWholly(demo, "next");
    await demo.page.reload();
    await isWholly(demo, "next");
  });

  test("leaves a page alone that never saw it, offline too", async (t) => {
    const site = await serve(t);
    const demo = await visit(t, site);
    await site.close();
    await demo.page.reload();
    await isWholly(demo, "first");
  });

  test("waits for the other tab, and takes both over when asked to", async (t) => {
    const site = await serve(t);
    const demo = await visit(t, site);
    const other = Object.assign(new DemoPage(), { page: await demo.context.newPage() });
    await other.page.goto(`${site.origin}/demo/`);
    await isWholly(other, "first");
    site.deploy();
    await reloadUntilFound(demo);
    await demo.page.reload();
    await isWholly(demo, "first");
    await other.page.waitForSelector("#update:not([hidden])");
    await demo.page.click("#update-reload");
    await isWholly(demo, "next");
    await isWholly(other, "next");
  });

  test("that is only half there is not taken, and is once it is whole", async (t) => {
    const site = await serve(t);
    const demo = await visit(t, site);
    site.state.missing = /\/picker\.js$/;
    site.deploy();
    await demo.page.reload();
    await isWholly(demo, "first");
    await demo.page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      const installing = registration.installing;
      await new Promise((resolve) => {
        if (installing === null || installing.state === "redundant") resolve();
        else installing.addEventListener("statechange", resolve);
      });
    });
    await demo.page.reload();
    await isWholly(demo, "first");
    site.state.missing = null;
    await reloadUntilFound(demo);
    await demo.page.reload();
    await isWholly(demo, "next");
  });
});

describe("kept files of the page that are", () => {
  /** In the page: damages every file that the service worker keeps. */
  const spoil = async (what) => {
    const name = (await caches.keys()).find((key) => key.startsWith("smartsynch-page-"));
    const cache = await caches.open(name);
    for (const { url } of await cache.keys()) {
      const kept = await cache.match(url);
      const bytes = new Uint8Array(await kept.arrayBuffer());
      if (what === "altered") bytes[bytes.length - 1] ^= 1;
      const { headers } = kept;
      if (what === "cut") await cache.put(url, new Response(bytes.slice(0, 100), { headers }));
      else if (what === "altered") await cache.put(url, new Response(bytes, { headers }));
      else await cache.put(url, new Response("<!doctype html><p>Log in", { headers }));
    }
  };

  for (const what of ["cut", "altered", "replaced by an HTML page"]) {
    test(`${what} are fetched once more, and work, offline too`, async (t) => {
      const site = await serve(t);
      const demo = await visit(t, site);
      await demo.page.evaluate(spoil, what);
      await demo.page.reload();
      await isWholly(demo, "first");
      await site.close();
      await demo.page.reload();
      await isWholly(demo, "first");
    });
  }

  test("spoilt after their version left the server make way for the next one", async (t) => {
    const site = await serve(t);
    const demo = await visit(t, site);
    await demo.page.evaluate(spoil, "altered");
    site.deploy();
    await demo.page.reload();
    await isWholly(demo, "next");
    await demo.page.reload();
    await isWholly(demo, "next");
  });
});

test("the page can be installed", async (t) => {
  const site = await serve(t);
  const demo = await visit(t, site);
  const devtools = await demo.context.newCDPSession(demo.page);
  const { errors, data } = await devtools.send("Page.getAppManifest");
  assert.deepEqual(errors, []);
  const manifest = JSON.parse(data);
  assert.equal(manifest.short_name, "SmartSynch");
  const { installabilityErrors } = await devtools.send("Page.getInstallabilityErrors");
  assert.deepEqual(
    installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito"),
    [],
  );
  const sizes = await demo.page.evaluate(async (icons) => {
    const measure = async ({ src, sizes, type }) => {
      const image = document.createElement("img");
      image.src = new URL(src, document.baseURI);
      await image.decode();
      return [type, sizes, `${image.naturalWidth}x${image.naturalHeight}`];
    };
    return Promise.all(icons.map(measure));
  }, manifest.icons);
  for (const [type, said, found] of sizes) if (type === "image/png") assert.equal(found, said);
  assert.equal(sizes.length, 4);
});
