// The page that `report` writes: opened from disk, without any request, complete and accessible.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { axePath, launchBrowser } from "./support/browser.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const program =
  process.env.SMARTSYNCH_CLI ?? join(root, "build/native-release/tools/cli/smartsynch");
const titles = {
  "Cooking </script>": ["bake bread", "boil eggs", "cook soup", "fry onions", "grill the fish"],
  Garden: ["water tomatoes", "prune roses", "mow the lawn", "rake leaves", "trim the hedge"],
};
const open = ["renew the passport", "pay the bill", "call the dentist", "wash the car"];

let folder;
let browser;
let summary;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "smartsynch_report_"));
  const rows = Object.entries(titles).flatMap(([label, texts]) =>
    texts.map((title) => ({ title, label })),
  );
  const lines = (list) => list.map((row) => `${JSON.stringify(row)}\n`).join("");
  writeFileSync(join(folder, "data.jsonl"), lines(rows));
  writeFileSync(join(folder, "open.jsonl"), lines(open.map((title) => ({ title }))));
  const env = { ...process.env, SMARTSYNCH_HOME: root, SMARTSYNCH_RUNS: join(folder, "runs") };
  const inputs = ["--data", "data.jsonl", "--open-set", "open.jsonl"];
  const run = (...words) => execFileSync(program, words, { cwd: folder, env, encoding: "utf8" });
  run("train", ...inputs, "--out", "m.safetensors", "--epochs", "6", "--folds", "2");
  summary = JSON.parse(
    run("report", "--model", "m.safetensors", ...inputs, "--out", "report.html", "--json"),
  );
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function openReport(colorScheme, width, file = "report.html") {
  const context = await browser.newContext({
    colorScheme,
    offline: true,
    viewport: { width, height: 900 },
  });
  const requests = [];
  const complaints = [];
  context.on("request", (request) => requests.push(request.url()));
  context.on("weberror", (error) => complaints.push(String(error.error())));
  const page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  const url = pathToFileURL(join(folder, file)).href;
  await page.goto(url);
  const elsewhere = requests.filter((address) => address !== url && !address.startsWith("data:"));
  return { context, page, elsewhere, complaints };
}

/** Every plot is drawn, nothing is wider than the page, and axe finds no fault with it. */
async function checkPage(page, plots) {
  // Each canvas has ink on it: more than one colour.
  const inks = await page.locator("canvas").evaluateAll((canvases) =>
    canvases.map((canvas) => {
      const { width: w, height: h } = canvas;
      const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, w, h).data.buffer);
      return new Set(pixels).size;
    }),
  );
  assert.equal(inks.length, plots);
  assert.ok(
    inks.every((count) => count > 10),
    String(inks),
  );
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.ok(overflow <= 0, `${overflow} pixels too wide`);
  for (const details of await page.locator("summary").all()) await details.click();
  await page.addScriptTag({ path: axePath });
  const found = await page.evaluate(() => window.axe.run());
  assert.deepEqual(
    found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`),
    [],
  );
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 360]) {
    test(`report, ${colorScheme}, ${width} pixels wide`, async () => {
      const { context, page, elsewhere, complaints } = await openReport(colorScheme, width);
      assert.deepEqual(elsewhere, []);
      assert.deepEqual(complaints, []);
      const headings = await page.locator("h2").allTextContents();
      assert.deepEqual(headings, [
        ...["Headline figures", "Confusion matrix", "Categories", "Reliability"],
        ...["Precision at coverage", "Open set", "As typed", "Learning curve"],
      ]);
      await checkPage(page, 5);
      await context.close();
    });
  }
}

test("the page and the Markdown show what --json printed", async () => {
  const { context, page } = await openReport("light", 1280);
  const accuracy = `${(100 * summary.metrics.accuracy).toFixed(1)} %`;
  assert.ok((await page.locator("dd").first().textContent()).startsWith(accuracy));
  assert.ok((await page.locator("main").textContent()).includes("Cooking </script>"));
  const markdown = readFileSync(join(folder, "report.md"), "utf8");
  assert.ok(markdown.includes(accuracy));
  assert.ok(markdown.includes(summary.model_version));
  await context.close();
});

test("the learning bench draws its curves", async () => {
  const stream = {
    ...{ events: 300, slowest_correction_ms: 5 },
    cumulative_accuracy: {
      ...{ personal: 0.84, personal_beside_base: 0.83, personal_instant: 0.8 },
      ...{ nearest_neighbours: 0.72, nearest_mean: 0.83, retrained_from_scratch: 0.84 },
    },
  };
  const { personal, ...others } = stream.cumulative_accuracy;
  const unlike = { personal: personal - 0.02, ...others };
  stream.cumulative_accuracy_by_order = [stream.cumulative_accuracy, unlike];
  stream.curve = [150, 300].map((events) => {
    return { events, intents: events / 10, ...stream.cumulative_accuracy };
  });
  const result = {
    new_category_8_examples: { recall: 0.91, instant_recall: 0.95, others_lost: 0.02 },
    fifty_corrections: { others_lost: 0 },
    imbalance_200_to_5: { rare_recall: 0.93 },
    undo: { exact: true },
    stream,
  };
  writeFileSync(join(folder, "result.json"), JSON.stringify(result));
  const { status, stdout } = spawnSync(
    "python3",
    [
      join(root, "tests/bench/learning/report.py"),
      ...["--result", "result.json", "--page", "learning.html"],
    ],
    { cwd: folder, encoding: "utf8" },
  );
  assert.equal(status, 1); // a broken promise is told
  assert.match(stdout, /other categories lose \| 0\.0200 .* MISSED/);
  assert.match(stdout, /minus nearest_mean \(standard error 0\.0100\) \| 0\.0000 .* MISSED/);
  const { context, page, elsewhere, complaints } = await openReport("light", 1280, "learning.html");
  assert.deepEqual([elsewhere, complaints], [[], []]);
  await checkPage(page, 1);
  const cells = await page.locator("details tbody tr").first().locator("td").allTextContents();
  assert.deepEqual(cells, ["15", "84.0 %", "80.0 %", "84.0 %", "83.0 %", "72.0 %"]);
  await context.close();
});
