#!/usr/bin/env node
// SmartSynch beside Transformers.js in one Chromium, and beside bare ONNX Runtime Web:
//
//   node tests/bench/browser/bench.mjs [--repeats N] [--json] [--out FILE]
//
// Transformers.js 4.3.1 runs the original all-MiniLM-L6-v2 as dynamic int8 ("q8"), which is fetched on
// the first run (needs Maven, Debian's package maven); it embeds a title and decides nothing. Both are
// served compressed by one server. The sides take turns; each figure is the median of the repeats.
// With SMARTSYNCH_EXTRA_DATA, the titles of its development set are typed instead of the project's.
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";

import { launchBrowser } from "../../e2e/support/browser.mjs";
import {
  measureDemo,
  measureEncoder,
  measureKeystrokes,
  measureMemory,
  measurePeerKeystrokes,
  measureStart,
} from "./measure.mjs";
import { makeRows } from "./rows.mjs";
import { layOutSite, serveSite } from "./site.mjs";
import { readTitles, typed } from "./texts.mjs";

const { values: args } = parseArgs({
  options: {
    repeats: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
    out: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
  },
});
const repeats = Number(args.repeats);
if (args.help || !Number.isInteger(repeats) || repeats < 1) {
  console.error("usage: node tests/bench/browser/bench.mjs [--repeats N] [--json] [--out FILE]");
  process.exit(args.help ? 0 : 2);
}

async function measureOnce({ port, origin, titles, states }) {
  const start = (page, throttled) => measureStart(port, page, { throttled });
  return {
    ours: {
      start: await start("smartsynch", false),
      throttled: await start("smartsynch", true),
      demo: await measureDemo(port),
      keys: await measureKeystrokes(origin, states),
      memory: await measureMemory(origin, "smartsynch", titles),
    },
    peer: {
      start: await start("peer", false),
      throttled: await start("peer", true),
      keys: await measurePeerKeystrokes(origin, states),
      memory: await measureMemory(origin, "peer", titles),
    },
    empty: await measureMemory(origin, "none", titles),
    encoder: await measureEncoder(origin),
  };
}

async function browserVersion() {
  const browser = await launchBrowser();
  const version = browser.version();
  await browser.close();
  return `Chromium ${version}`;
}

// Of the quarter of an hour before: what else the machine had to do.
const [, , load] = loadavg();
const { source, titles } = readTitles();
const states = typed(titles);
const server = await serveSite(await layOutSite());
const origin = `http://127.0.0.1:${server.port}`;
const runs = [];
for (let i = 0; i < repeats; i += 1) {
  runs.push(await measureOnce({ port: server.port, origin, titles, states }));
  console.error(`repeat ${i + 1} of ${repeats} done`);
}
await server.close();

const [processor] = cpus();
const result = {
  machine: `${processor.model.trim()}, ${cpus().length} cores`,
  date: new Date().toISOString().slice(0, 10),
  browser: await browserVersion(),
  peer: "Transformers.js 4.3.1, all-MiniLM-L6-v2 q8",
  ratio: "ours / peer",
  repeats,
  load: Number(load.toFixed(1)),
  texts: `${states.length} states of the field, ${titles.length} titles (${source})`,
  rows: makeRows(runs),
};
const text = `${JSON.stringify(result, null, 2)}\n`;
if (args.out !== undefined) writeFileSync(args.out, text);
if (args.json) process.stdout.write(text);
else console.table(result.rows, ["what", "ours", "peer", "unit", "ratio", "goal"]);
