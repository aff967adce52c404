// 100,000 predictions in Node.js leave memory and handles as they were.
// Takes minutes: npm --prefix web run test:soak, and tools/test.sh --long.
import assert from "node:assert/strict";
import { test } from "node:test";
import v8 from "node:v8";
import vm from "node:vm";

import { dist } from "./support/browser.mjs";

/** Most by the instant tier, since the full one takes milliseconds each. */
const INSTANT = Number(process.env.SMARTSYNCH_SOAK_INSTANT ?? 90_000);
const FULL = Number(process.env.SMARTSYNCH_SOAK_FULL ?? 10_000);
const MEGABYTE = 1_000_000;

/** What may come and go: V8 keeps compiled code. A leak of 100 bytes a call is more. */
const HEAP_SLACK_BYTES = 1 * MEGABYTE;

v8.setFlagsFromString("--expose-gc");
const collectGarbage = vm.runInNewContext("gc");

/** Bytes after a collection, and what keeps the process alive. */
async function measure() {
  for (let i = 0; i < 3; i += 1) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  const handles = process.getActiveResourcesInfo().length;
  return { heap: heapUsed, outside: external + arrayBuffers, handles };
}

test(`${INSTANT + FULL} predictions leave memory and handles as they were`, async () => {
  const { SmartSynch } = await import(`${dist}/node.js`);
  const synch = await SmartSynch.create();
  assert.equal((await synch.ready()).status, "ready");
  // Another text every time, so that nothing is answered from memory.
  const task = (i) => ({ title: `Check report ${i} of the mobile team`, description: `Part ${i}` });
  const run = async (from, instant, full) => {
    for (let i = from; i < from + instant; i += 1) synch.predictInstant(task(i));
    for (let i = from; i < from + full; i += 1) await synch.predict(task(i));
  };
  // The cache of predictions fills first: it holds some 1,500.
  await run(0, 2500, Math.min(FULL, 2500));
  const start = await measure();
  await run(2500, INSTANT, FULL);
  const end = await measure();
  synch.dispose();
  console.log(`before: ${JSON.stringify(start)}; after: ${JSON.stringify(end)}`);
  assert.ok(end.heap - start.heap < HEAP_SLACK_BYTES, JSON.stringify({ start, end }));
  // WebAssembly's memories and the arrays of ONNX Runtime: they grow in whole pages or not at all.
  assert.ok(end.outside - start.outside < HEAP_SLACK_BYTES, JSON.stringify({ start, end }));
  assert.equal(end.handles, start.handles);
});
