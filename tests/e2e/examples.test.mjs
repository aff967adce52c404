// The examples of web/examples: the picker selects, and each framework's state has it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { buildExamples } from "../../web/examples/build.mjs";
import { createStaticServer } from "../../web/tools/serve.mjs";
import { dist, launchBrowser } from "./support/browser.mjs";

const folder = mkdtempSync(join(tmpdir(), "smartsynch-examples-"));
let browser, server;
before(async () => {
  browser = await launchBrowser();
  await buildExamples(dist, folder);
  server = createStaticServer(folder);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
});
after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  rmSync(folder, { recursive: true });
});

for (const name of ["html", "react", "vue"]) {
  test(`${name}: what the picker selects and what is chosen by hand arrives`, async () => {
    const page = await browser.newPage();
    const complaints = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    // What a browser asks for by itself.
    await page.route("**/favicon.ico", (route) => route.fulfill({ status: 204 }));
    await page.goto(`http://127.0.0.1:${server.address().port}/${name}/`);
    await page.waitForFunction(() => document.querySelector("smartsynch-picker")?.engine);
    const state = (value) => page.waitForSelector(`output:text-is("${value}")`);
    await page.click("input");
    await page.keyboard.type("Fix login authentication bug");
    await state("development");
    // A choice by hand stays, whatever is typed after it.
    await page.keyboard.press("Tab");
    await page.keyboard.type("Meet");
    await page.keyboard.press("Enter");
    await state("meeting");
    await page.fill("input", "Create wireframes for mobile app");
    await page.waitForFunction(
      () =>
        document.querySelector("smartsynch-picker").prediction?.suggestions[0]?.categoryId ===
        "design",
    );
    await state("meeting");
    assert.equal(await page.$eval("smartsynch-picker", (picker) => picker.value), "meeting");
    assert.deepEqual(complaints, []);
    await page.close();
  });
}
