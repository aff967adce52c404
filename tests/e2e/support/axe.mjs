// axe-core in a page of the tests.
import { readFileSync } from "node:fs";

import { axePath } from "./browser.mjs";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds wrong with the page as it is now, a line each. */
export async function axeViolations(page) {
  // Through the debugger, which no content policy holds back.
  await page.evaluate(`window.axe ?? (() => {${readFileSync(axePath, "utf8")}})()`);
  return page.evaluate(async (runOnly) => {
    const { violations } = await window.axe.run(document, { runOnly });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.target).join()}`);
  }, RULES);
}
