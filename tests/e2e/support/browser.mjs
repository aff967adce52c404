// Debian's Chromium, driven by playwright-core from web/node_modules.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const web = fileURLToPath(new URL("../../../web/", import.meta.url));
const fromWeb = createRequire(`${web}package.json`);
const { chromium } = fromWeb("playwright-core");

/** Source of axe-core, to be put into a page. */
export const axePath = fromWeb.resolve("axe-core/axe.min.js");

/** The build that is tested; SMARTSYNCH_DIST names another one. */
export const dist = process.env.SMARTSYNCH_DIST ?? `${web}dist`;

/** Starts Chromium; SMARTSYNCH_CHROMIUM names another one. */
export async function launchBrowser() {
  if (!existsSync(`${dist}/index.js`)) {
    throw new Error(`${dist} is missing: run npm --prefix web run build`);
  }
  const candidates = [
    process.env.SMARTSYNCH_CHROMIUM,
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
  ];
  const executablePath = candidates.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) {
    throw new Error("Chromium is missing: run tools/setup.sh, or name one in SMARTSYNCH_CHROMIUM");
  }
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
