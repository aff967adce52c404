#!/usr/bin/env node
// Learning in a page, with the real model. Fine-tuning in the worker: 200 tasks that a user put in
// categories, over the base model's exemplars, some 2,000. Corrections: 1,500 tasks in 150
// categories, each timed until the page's next prediction knows it.
//
//   node tests/bench/browser/learning.mjs [--repeats N] [--categories N] [--out FILE]
//
// prints one JSON object; its rows are for ../readme_table.py. Times are of fineTune() as the page
// sees it, messages and storage included; the first one fetches its files and is listed apart.
// `waits_ms`: how long an event waits for the page's main thread meanwhile. The goal is 2 s, and
// 50 ms for a correction.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";

import { dist, launchBrowser } from "../../e2e/support/browser.mjs";
import { serveDemo } from "../../e2e/support/demo_page.mjs";
import { openLoaded } from "../../e2e/support/loaded_page.mjs";
import { openTaught, titlesToTeach } from "../../e2e/support/teaching.mjs";
import { median, quantile } from "./statistics.mjs";

const EVENTS = 200;
const GOAL_MS = 2000;
const CORRECTIONS = 1500;
const CORRECTED_CATEGORIES = 150;
const CORRECTION_GOAL_MS = 50;

const { values: args } = parseArgs({
  options: {
    repeats: { type: "string", default: "5" },
    categories: { type: "string", default: "20" },
    out: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const [repeats, categories] = [Number(args.repeats), Number(args.categories)];
const isWhole = (value) => Number.isInteger(value) && value >= 1;
if (args.help || !isWhole(repeats) || !isWhole(categories) || categories > 20) {
  console.error(
    "usage: node tests/bench/browser/learning.mjs [--repeats N] [--categories 1..20] [--out FILE]",
  );
  process.exit(args.help ? 0 : 2);
}

/** In the page. */
async function measureInPage(repeats) {
  const { port1, port2 } = new MessageChannel();
  const waits = [];
  let sent = 0;
  let measuring = false;
  const send = () => {
    sent = performance.now();
    port2.postMessage(null);
  };
  port1.onmessage = () => {
    if (measuring) waits.push(performance.now() - sent);
    setTimeout(send, 3);
  };
  send();
  const times = [];
  let version;
  for (let i = 0; i <= repeats; i += 1) {
    // From the base each time: a champion that knows the feedback leaves nothing to judge.
    await window.synch.activateVersion(window.synch.versions()[0].id);
    window.longTasks.length = 0;
    measuring = true;
    const start = performance.now();
    version = await window.synch.fineTune();
    times.push(performance.now() - start);
    measuring = false;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { times, waits, longTasks: [...window.longTasks], version };
}

/** In the page. */
async function correctInPage({ tasks, names }) {
  for (const name of names) await window.synch.addCategory({ name });
  const times = [];
  for (const task of tasks) {
    const start = performance.now();
    await window.synch.feedback(task);
    const [best] = window.synch.predictInstant(task).suggestions;
    times.push(performance.now() - start);
    if (best.category !== task.category) throw new Error(`${task.title}: ${best.category}`);
  }
  return times;
}

const categoryNames = (count) => Array.from({ length: count }, (_, i) => `Category ${i + 1}`);

async function measureCorrections(browser, site) {
  const names = categoryNames(CORRECTED_CATEGORIES);
  const titles = titlesToTeach(EVENTS, names).map(({ title }) => title);
  const tasks = Array.from({ length: CORRECTIONS }, (_, i) => {
    const round = Math.floor(i / titles.length) + 1;
    return { title: `${titles[i % titles.length]} ${round}`, category: names[i % names.length] };
  });
  const context = await browser.newContext();
  const options = { autoFineTune: false, storage: false };
  const page = await openLoaded(context, site.origin, { options });
  const times = await page.evaluate(correctInPage, { tasks, names });
  await context.close();
  return {
    median_ms: median(times),
    p95_ms: quantile(times, 0.95),
    slowest_ms: Math.max(...times),
  };
}

async function measure(browser, site, tasks) {
  const context = await browser.newContext();
  const options = { autoFineTune: false, storage: false };
  const page = await openTaught(context, site.origin, { options, tasks });
  const { times, waits, longTasks, version } = await page.evaluate(measureInPage, repeats);
  await context.close();
  const [first, ...others] = times;
  return {
    median_ms: median(others),
    slowest_ms: Math.max(...others),
    first_ms: first,
    accepted: version.accepted,
    reason: version.reason,
    judged_base_rows: version.base.rows,
    waits_ms: { median: median(waits), p95: quantile(waits, 0.95), longest: Math.max(...waits) },
    long_tasks_ms: longTasks,
  };
}

const [, , load] = loadavg();
const file = readdirSync(`${dist}/assets`).find((name) =>
  /^exemplars\.\w+\.safetensors$/.test(name),
);
const shipped = readFileSync(`${dist}/assets/${file}`);
const header = shipped.toString("utf8", 8, 8 + Number(shipped.readBigUInt64LE(0)));
const counts = JSON.parse(JSON.parse(header).__metadata__.counts);
const site = await serveDemo();
const browser = await launchBrowser();
const tasks = titlesToTeach(EVENTS, categoryNames(categories));
const exemplars = counts.reduce((a, b) => a + b);
const fineTuning = await measure(browser, site, tasks);
const corrections = await measureCorrections(browser, site);
const row = (what, ours, unit, goal = "") => {
  return { what, ours: Number(ours.toPrecision(3)), peer: null, unit, ratio: null, goal };
};
const correction = `a correction, until the page's next prediction knows it (${CORRECTIONS.toLocaleString("en")} of them, ${CORRECTED_CATEGORIES} categories)`;
const tuning = `fine-tuning on ${EVENTS} tasks over ${exemplars.toLocaleString("en")} exemplars, in the worker`;
const result = {
  machine: `${cpus()[0].model}, ${cpus().length} cores`,
  date: new Date().toISOString().slice(0, 10),
  browser: `Chromium ${browser.version()}`,
  peer: "",
  ratio: "",
  load: Number(load.toFixed(1)),
  repeats,
  fine_tuning: { added_categories: categories, ...fineTuning },
  corrections,
  rows: [
    row(`${correction}, median`, corrections.median_ms, "ms"),
    row("the slowest", corrections.slowest_ms, "ms", `at most ${CORRECTION_GOAL_MS} ms`),
    row(`${tuning}, median`, fineTuning.median_ms / 1000, "s", `at most ${GOAL_MS / 1000} s`),
    row("the first one, which fetches its files", fineTuning.first_ms / 1000, "s"),
    row("meanwhile an event of the page waits, at most", fineTuning.waits_ms.longest, "ms"),
  ],
};
await browser.close();
await site.close();
const text = JSON.stringify(result, null, 2);
console.log(text);
if (args.out !== undefined) writeFileSync(args.out, `${text}\n`);
