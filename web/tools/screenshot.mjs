#!/usr/bin/env node
// Takes the picture of the page for README.md, from the built page in Chromium. Run by hand when the
// page has changed its looks.
//
//   node tools/screenshot.mjs
import { fileURLToPath } from "node:url";

import { launchBrowser } from "../../tests/e2e/support/browser.mjs";
import { DemoPage, serveDemo } from "../../tests/e2e/support/demo_page.mjs";

const TASKS = [
  "Plan sprint roadmap for Q2",
  "Water the plants on the balcony",
  "Research competitor pricing strategies",
  "Weekly team standup",
];

const browser = await launchBrowser();
const site = await serveDemo();
try {
  const demo = await DemoPage.open(browser, site.origin, {
    viewport: { width: 1120, height: 800 },
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  for (const title of TASKS) {
    await demo.type(title);
    await demo.settled();
    await demo.page.keyboard.press("Enter");
  }
  await demo.type("Fix login authentication bug");
  await demo.settled();
  await demo.page.screenshot({
    path: fileURLToPath(new URL("../demo/screenshot.png", import.meta.url)),
  });
} finally {
  await browser.close();
  await site.close();
}
