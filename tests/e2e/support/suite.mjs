// A browser, and where it is wanted a site, for the tests of one file; closed when they have ended.
import { after, before } from "node:test";

import { launchBrowser } from "./browser.mjs";
import { demoFile } from "./demo_data.mjs";
import { DemoPage, serveDemo } from "./demo_page.mjs";

/** A page with the demo until the test ends, `contents` (demo_data.mjs) in it. */
export async function openDemo(t, browser, site, { contents, ...options } = {}) {
  const demo = await DemoPage.open(browser, site.origin, options);
  t.after(() => demo.close());
  if (contents) await demo.bring(demoFile(contents));
  return demo;
}

/** `{browser}`, there from the first test on. */
export function useBrowser() {
  const suite = {};
  before(async () => {
    suite.browser = await launchBrowser();
  });
  after(() => suite.browser?.close());
  return suite;
}

/** `{browser, site, open}`, there from the first test on; `open(t, options)` as openDemo(). */
export function useSite(serve = serveDemo) {
  const suite = useBrowser();
  before(async () => {
    suite.site = await serve();
  });
  after(() => suite.site?.close());
  suite.open = (t, options) => openDemo(t, suite.browser, suite.site, options);
  return suite;
}
