#!/usr/bin/env node
// Draws the page's PNG icons from demo/icon.svg with Chromium. Run by hand when the drawing changes;
// a test says when the files are not its own.
//
//   node tools/icons.mjs
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { launchBrowser } from "../../tests/e2e/support/browser.mjs";

const demo = fileURLToPath(new URL("../demo/", import.meta.url));

/** A maskable icon fills its square; what counts keeps within the inner four fifths. */
const ICONS = [
  { file: "icon-192.png", size: 192, drawn: 1, background: "transparent" },
  { file: "icon-512.png", size: 512, drawn: 1, background: "transparent" },
  { file: "icon-maskable-512.png", size: 512, drawn: 0.8, background: "#3358c4" },
];

const browser = await launchBrowser();
try {
  const address = `data:image/svg+xml;base64,${readFileSync(`${demo}icon.svg`).toString("base64")}`;
  const page = await browser.newPage();
  for (const { file, size, drawn, background } of ICONS) {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(
      `<body style="margin:0;background:${background};display:grid;place-items:center;height:100vh">
       <img src="${address}" width="${size * drawn}" height="${size * drawn}"></body>`,
    );
    await page.waitForFunction(() => document.images[0].complete);
    writeFileSync(`${demo}${file}`, await page.screenshot({ omitBackground: true }));
  }
} finally {
  await browser.close();
}
