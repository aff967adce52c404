// Two versions compared in a real browser with the real model: both tiers keep to a task's version,
// what was kept is counted, over a reload and in two tabs, and the better one is promoted.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";

import { launchBrowser } from "./support/browser.mjs";
import { serveDemo } from "./support/demo_page.mjs";
import { openLoaded } from "./support/loaded_page.mjs";
import { addVersion } from "./support/second_version.mjs";

let browser;
let site;
before(async () => {
  browser = await launchBrowser();
  site = await serveDemo();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/** Both tiers' answers to a few tasks, by their ids. */
const answers = (page) =>
  page.evaluate(async () => {
    const found = [];
    for (let i = 0; i < 12; i += 1) {
      const task = { title: "Fix login crash", taskId: `task ${i}` };
      const instant = window.synch.predictInstant(task);
      const full = await window.synch.predict(task);
      found.push(
        [instant, full].map(
          ({ tier, experiment, suggestions }) =>
            `${tier} ${experiment?.arm} ${suggestions[0]?.categoryId}`,
        ),
      );
    }
    return found;
  });

/** Another tab's worker hears of a change a moment after its page. */
async function answersBecome(page, expected) {
  let found = await answers(page);
  for (let tries = 0; tries < 50 && !isDeepStrictEqual(found, expected); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    found = await answers(page);
  }
  assert.deepEqual(found, expected);
}

describe("experiment", () => {
  test("assigns, counts, survives a reload, is shared by tabs, and is promoted", async () => {
    const context = await browser.newContext();
    const { base, challenger } = await addVersion(context, site.origin);
    const page = await openLoaded(context, site.origin);
    const other = await openLoaded(context, site.origin);
    await page.evaluate((id) => window.synch.startExperiment({ challenger: id }), challenger);
    const first = await answers(page);
    for (const tiers of first) {
      const isChallenger = tiers[0].includes("challenger");
      const [arm, category] = isChallenger
        ? ["challenger", "research"]
        : ["champion", "development"];
      assert.deepEqual(tiers, [`instant ${arm} ${category}`, `full ${arm} ${category}`]);
    }
    assert.equal(new Set(first.map(([instant]) => instant)).size, 2);
    await other.waitForFunction(() => window.synch.experiment() !== null);
    await answersBecome(other, first);

    await page.evaluate(async () => {
      const judged = { champion: 0, challenger: 0 };
      for (let i = 0; judged.champion < 25 || judged.challenger < 25; i += 1) {
        const task = { title: `Write part ${i}`, taskId: `judged ${i}` };
        const shown = window.synch.predictInstant(task);
        const { arm } = shown.experiment;
        judged[arm] += 1;
        if (judged[arm] > 25) continue;
        const kind = arm === "challenger" ? "accepted" : "rejected";
        const category = shown.suggestions[0].categoryId;
        await window.synch.feedback({ ...task, category, kind, shown });
      }
    });
    const now = await page.evaluate(() => window.synch.experiment());
    assert.deepEqual(
      [now.champion, now.challenger].map(({ version, shown, accepted }) => [
        version,
        shown,
        accepted,
      ]),
      [
        [base, 25, 0],
        [challenger, 25, 25],
      ],
    );
    assert.equal(now.verdict, "promote");
    assert.ok(now.pValue < 0.05 && now.low > 0);

    await page.close();
    const again = await openLoaded(context, site.origin);
    assert.deepEqual(await again.evaluate(() => window.synch.experiment()), now);
    const promoted = await again.evaluate(() => window.synch.promote());
    assert.equal(promoted.id, challenger);
    await other.waitForFunction(() => window.synch.experiment() === null);
    const promotedAnswers = ["instant undefined research", "full undefined research"];
    await answersBecome(
      other,
      first.map(() => promotedAnswers),
    );
    await context.close();
  });
});
