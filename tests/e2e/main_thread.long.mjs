// The page stays free for the user: while files load and are started, and while letters are answered.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launchBrowser } from "./support/browser.mjs";
import { DemoPage, serveDemo } from "./support/demo_page.mjs";
import { describeTimes } from "./support/statistics.mjs";

/** What the Long Tasks specification calls long. */
const LONG_TASK_MS = 50;

/** On a machine that does other work, too, a task may be long through no fault of its own. */
const ATTEMPTS = 3;

let browser, site;
before(async () => {
  browser = await launchBrowser();
  site = await serveDemo();
});
after(async () => {
  await site?.close();
  await browser?.close();
});

/** In the page, before anything else: notes long tasks, and how late a waiting event is handled. */
function observe() {
  window.longTasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      window.longTasks.push({ startTime, duration });
    }
  }).observe({ type: "longtask", buffered: true });
  window.delays = [];
  const { port1, port2 } = new MessageChannel();
  let sent = 0;
  port1.onmessage = () => {
    window.delays.push(performance.now() - sent);
    setTimeout(send, 3);
  };
  const send = () => {
    sent = performance.now();
    port2.postMessage(null);
  };
  send();
}

test("no long task while loading and typing", async () => {
  let found;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const demo = await DemoPage.open(browser, site.origin, { ready: false, initScript: observe });
    await demo.page.waitForSelector("#loading", { state: "attached" });
    await demo.type("Plan the roadmap of the mobile team", 15);
    await demo.ready();
    await demo.clear();
    await demo.type("Investigate why the login fails for new accounts", 15);
    await demo.settled();
    found = await demo.page.evaluate(() => ({ tasks: window.longTasks, delays: window.delays }));
    await demo.close();
    if (found.tasks.length === 0) break;
  }
  console.log(`an event waits for the main thread: ${describeTimes(found.delays)}`);
  assert.ok(found.delays.length > 100, `${found.delays.length} samples`);
  assert.deepEqual(found.tasks, []);
});

test("the observer would see one", async () => {
  const demo = await DemoPage.open(browser, site.origin, { initScript: observe });
  await demo.page.evaluate((ms) => {
    setTimeout(() => {
      const end = performance.now() + 2 * ms;
      while (performance.now() < end);
    });
  }, LONG_TASK_MS);
  await demo.page.waitForFunction(
    (ms) => window.longTasks.some((t) => t.duration > ms),
    LONG_TASK_MS,
  );
  await demo.close();
});
