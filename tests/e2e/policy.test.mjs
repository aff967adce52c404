// What the page must not do: break its content policy, ask anybody else, need special isolation.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { CONTENT_SECURITY_POLICY } from "../../web/tools/serve.mjs";
import { launchBrowser } from "./support/browser.mjs";
import { DemoPage, serveDemo } from "./support/demo_page.mjs";

let browser, site, demo;
before(async () => {
  browser = await launchBrowser();
  site = await serveDemo();
  demo = await DemoPage.open(browser, site.origin);
});
after(async () => {
  await demo?.close();
  await site?.close();
  await browser?.close();
});

test("the policy is the strict one", async () => {
  const response = await fetch(`${site.origin}/demo/`);
  assert.equal(response.headers.get("content-security-policy"), CONTENT_SECURITY_POLICY);
  // Proof that it is in force, and that the page notices: an inline script is a violation.
  const probe = await DemoPage.open(browser, site.origin, { ready: false });
  await probe.page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.head.append(script);
  });
  await probe.page.waitForFunction(() => window.policyViolations.length > 0);
  assert.equal(await probe.page.evaluate(() => window.ran), undefined);
  await probe.close();
});

test("a whole session violates nothing and asks nobody else", async () => {
  await demo.type("Fix login authentication bug");
  await demo.settled();
  await demo.page.click("#new-category");
  await demo.page.keyboard.type("Operations");
  await demo.page.keyboard.press("Enter");
  await demo.page.click('button[type="submit"]:has-text("Add task")');
  assert.deepEqual(await demo.violations(), []);
  assert.deepEqual(demo.complaints, []);
  const foreign = demo.requests.filter((url) => !url.startsWith(`${site.origin}/`));
  assert.deepEqual(foreign, []);
  const wasm = demo.requests.filter((url) => url.endsWith(".wasm"));
  assert.equal(wasm.length, 2, wasm.join());
});

test("it needs no cross-origin isolation", async () => {
  assert.equal(await demo.page.evaluate(() => window.crossOriginIsolated), false);
});

test("once loaded, it works without a network", async () => {
  await demo.context.setOffline(true);
  await demo.type("Weekly team standup");
  const { suggestions } = await demo.settled();
  assert.equal(suggestions[0], "Meeting");
  await demo.context.setOffline(false);
});
