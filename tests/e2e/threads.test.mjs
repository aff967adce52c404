// The encoder takes one thread in an ordinary page, several in a cross-origin isolated one; `ready()` says
// how many, and the answers are the same.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { askAll, differences, readGolden } from "../golden/decisions.mjs";
import { dist, launchBrowser } from "./support/browser.mjs";
import { serveDemo } from "./support/demo_page.mjs";

const ISOLATING = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

let browser;
before(async () => {
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
});

/** A machine with four cores, as the worker's script is told. */
const workerScript = `Object.defineProperty(navigator, "hardwareConcurrency", { value: 4 });
${readFileSync(`${dist}/worker.js`, "utf8")}`;

/** Opens a page with `headers`, loads SmartSynch and asks about every tenth of the golden titles. */
async function ask(t, headers) {
  const { model, tasks } = readGolden();
  const golden = { model, tasks: tasks.filter((_, i) => i % 10 === 0) };
  const site = await serveDemo((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (request.url === "/worker.js") {
      response.writeHead(200, { "Content-Type": "text/javascript" }).end(workerScript);
      return true;
    }
    // What a browser asks for by itself.
    if (request.url !== "/favicon.ico") return false;
    response.writeHead(204).end();
    return true;
  });
  t.after(() => site.close());
  const page = await browser.newPage();
  t.after(() => page.close());
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(`${site.origin}/demo/icon.svg`);
  const found = await page.evaluate(async () => {
    const { SmartSynch } = await import("/index.js");
    window.synch = await SmartSynch.create({ storage: false, cache: false });
    const state = await window.synch.ready();
    return { state, isolated: window.crossOriginIsolated };
  });
  const asked = golden.tasks.map(({ title, description }) => ({ title, description }));
  const answers = await page.evaluate(`(${askAll})(window.synch, ${JSON.stringify(asked)})`);
  assert.deepEqual(differences(golden, answers), []);
  assert.deepEqual(complaints, []);
  return found;
}

test("one thread in an ordinary page", async (t) => {
  const { state, isolated } = await ask(t, {});
  assert.equal(isolated, false);
  assert.deepEqual(state, { status: "ready", threads: 1 });
});

test("several threads in a cross-origin isolated page", async (t) => {
  const { state, isolated } = await ask(t, ISOLATING);
  assert.equal(isolated, true);
  assert.deepEqual(state, { status: "ready", threads: 2 });
});
