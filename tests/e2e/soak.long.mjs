// A long session leaves nothing behind: thousands of predictions, then instances made and disposed.
// Takes minutes: npm --prefix web run test:soak, and tools/test.sh --long.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { dist, launchBrowser } from "./support/browser.mjs";
import { DemoPage, serveDemo } from "./support/demo_page.mjs";

const PREDICTIONS = 10_000;
const ROUNDS = 50;
const MEGABYTE = 1_000_000;

/** What may come and go: V8 keeps compiled code and feedback. A leak of 100 bytes a call is more. */
const HEAP_SLACK_BYTES = 1 * MEGABYTE;

let browser, site, demo, devtools;
before(async () => {
  browser = await launchBrowser();
  // The worker begins with the same watch over its memories as the page.
  site = await serveDemo((request, response) => {
    if (!request.url.startsWith("/worker.js")) return false;
    response.writeHead(200, { "Content-Type": "text/javascript" });
    response.end(`(${countMemories})();${readFileSync(`${dist}/worker.js`, "utf8")}`);
    return true;
  });
  demo = await DemoPage.open(browser, site.origin, { ready: false, initScript: countMemories });
  await demo.ready();
  devtools = await demo.context.newCDPSession(demo.page);
});
after(async () => {
  await demo?.close();
  await site?.close();
  await browser?.close();
});

/** In page and worker, before anything else: keeps a weak eye on every WebAssembly memory made. */
function countMemories() {
  const memories = [];
  // The core exports its memory; ONNX Runtime makes one and imports it.
  const note = ({ exports }, imports) => {
    for (const names of [exports, ...Object.values(imports)]) {
      for (const value of Object.values(names)) {
        if (value instanceof WebAssembly.Memory) memories.push(new WeakRef(value));
      }
    }
  };
  const original = WebAssembly.instantiate;
  WebAssembly.instantiate = async (source, imports) => {
    const result = await original(source, imports);
    note(result.instance ?? result, imports);
    return result;
  };
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(Instance, [module, imports]) {
      const instance = new Instance(module, imports);
      note(instance, imports);
      return instance;
    },
  });
  globalThis.wasmBytes = () =>
    memories.reduce((sum, ref) => sum + (ref.deref()?.buffer.byteLength ?? 0), 0);
}

/** Bytes after a collection: the page's JavaScript, WebAssembly of the page and of the workers. */
async function measure() {
  // Twice: what only a finaliser holds goes with the second.
  for (let i = 0; i < 2; i += 1) {
    await devtools.send("HeapProfiler.collectGarbage");
    await demo.page.waitForTimeout(300);
  }
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  const wasm = await demo.page.evaluate(() => window.wasmBytes());
  const workers = demo.page
    .workers()
    .map((worker) => worker.evaluate(() => globalThis.wasmBytes()));
  const inWorkers = (await Promise.all(workers)).reduce((sum, bytes) => sum + bytes, 0);
  return { heap: usedSize, wasm, inWorkers };
}

const describe = ({ heap, wasm, inWorkers }) =>
  [
    `JavaScript ${(heap / MEGABYTE).toFixed(2)} MB`,
    `WebAssembly ${(wasm / MEGABYTE).toFixed(2)} MB`,
    `in workers ${(inWorkers / MEGABYTE).toFixed(2)} MB`,
  ].join(", ");

test(`${PREDICTIONS} predictions leave the memory as it was`, async () => {
  await demo.page.evaluate(async () => {
    const { SmartSynch } = await import("/index.js");
    window.synch = await SmartSynch.create();
    await window.synch.ready();
    window.run = async (from, to) => {
      for (let i = from; i < to; i += 1) {
        // Another text every time, so that nothing is answered from memory.
        const task = { title: `Check report ${i} of the mobile team`, description: `Part ${i}` };
        await window.synch.predict(task);
        window.synch.predictInstant(task);
      }
    };
  });
  // Caches fill first: the one of predictions holds some 1,500.
  await demo.page.evaluate(() => window.run(0, 2500));
  const start = await measure();
  await demo.page.evaluate((count) => window.run(2500, 2500 + count), PREDICTIONS);
  const end = await measure();
  await demo.page.evaluate(() => window.synch.dispose());
  console.log(`before: ${describe(start)}; after ${PREDICTIONS}: ${describe(end)}`);
  assert.ok(end.heap - start.heap < HEAP_SLACK_BYTES, describe(end));
  assert.equal(end.wasm, start.wasm);
  assert.ok(start.inWorkers > 0, "the workers' memories were found");
  assert.equal(end.inWorkers, start.inWorkers);
});

test(`${ROUNDS} instances made and disposed leave nothing`, async () => {
  const round = () =>
    demo.page.evaluate(async () => {
      const { SmartSynch } = await import("/index.js");
      const synch = await SmartSynch.create();
      await synch.ready();
      const { tier } = await synch.predict({ title: "Weekly team standup" });
      synch.dispose();
      return tier;
    });
  for (let i = 0; i < 5; i += 1) await round();
  const start = await measure();
  for (let i = 0; i < ROUNDS; i += 1) assert.equal(await round(), "full");
  const end = await measure();
  console.log(`before: ${describe(start)}; after ${ROUNDS} rounds: ${describe(end)}`);
  assert.ok(end.heap - start.heap < HEAP_SLACK_BYTES, describe(end));
  assert.ok(end.wasm <= start.wasm, describe(end));
  assert.ok(end.inWorkers <= start.inWorkers, describe(end));
  assert.equal(demo.page.workers().length, 1, "only the page's own worker is left");
});
