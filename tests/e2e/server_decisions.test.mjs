// Page and server decide alike about every real title, in both tiers: the page's own engine against
// `serve`, asked over HTTP. Needs SMARTSYNCH_EXTRA_DATA and the native release build.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { PROGRAM, realMissing, realTasks } from "../golden/decisions.mjs";
import { dist, launchBrowser } from "./support/browser.mjs";
import { serveDemo } from "./support/demo_page.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

async function startServer(t) {
  const folder = mkdtempSync(join(tmpdir(), "smartsynch-decisions-"));
  const server = spawn(PROGRAM, ["serve", "--port", "0", "--state", join(folder, "state")], {
    env: { ...process.env, SMARTSYNCH_HOME: root },
    stdio: ["ignore", "pipe", "ignore"],
  });
  t.after(() => {
    server.kill();
    rmSync(folder, { recursive: true });
  });
  return new Promise((resolve, reject) => {
    server.once("exit", () => reject(new Error("the server did not start")));
    server.stdout.once("data", (line) => resolve(String(line).trim()));
  });
}

/** `{version, rows}`: a line for each decision of the page's own engine. Runs in the page. */
async function decideHere({ tasks, tier }) {
  const { SmartSynch } = await import("/index.js");
  const synch = await SmartSynch.create({ storage: false, cache: false });
  await synch.ready();
  const predictions =
    tier === "full"
      ? await synch.predictBatch(tasks)
      : tasks.map((task) => synch.predictInstant(task));
  const version = synch.modelVersion;
  synch.dispose();
  return { version, predictions };
}

const digest = ({ tier, decision, categoryId, suggestions }) =>
  [tier, decision, categoryId, suggestions[0]?.categoryId ?? null].join(" ");

test("page and server decide alike on all real titles", { skip: realMissing() }, async (t) => {
  const { RemoteSynch } = await import(pathToFileURL(`${dist}/remote.js`).href);
  const tasks = realTasks();
  assert.ok(tasks.length > 300);
  const site = await serveDemo();
  t.after(() => site.close());
  const url = await startServer(t);
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(`${site.origin}/demo/icon.svg`);
  for (const tier of ["instant", "full"]) {
    const here = await page.evaluate(decideHere, { tasks, tier });
    const remote = await RemoteSynch.create({ baseUrl: url, tier, timeoutMs: 120_000 });
    const there = (await remote.predictBatch(tasks)).map(digest);
    assert.equal(here.version, remote.modelVersion);
    assert.equal(here.predictions.length, tasks.length);
    // By number: whose titles these are is not for a log.
    const differing = here.predictions
      .map((prediction, i) => `${i}: ${digest(prediction)}, the server ${there[i]}`)
      .filter((_, i) => digest(here.predictions[i]) !== there[i]);
    assert.deepEqual(differing, []);
    assert.ok(there.every((row) => row.startsWith(tier)));
  }
});
