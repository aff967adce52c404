// The demo's states, one after the other, for tests that look at each.
import assert from "node:assert/strict";

/** Goes through the states of typing, correcting and managing; `check(name)` is called in each. */
export async function walkStates(demo, check) {
  const { page } = demo;
  await check("idle");
  await demo.type("Fix login authentication bug", 1);
  assert.equal((await demo.settled()).state, "auto");
  await check("auto");
  await page.click("#undo-choice");
  await check("taken away");
  await demo.clear();
  await demo.type("Buy milk and eggs", 1);
  await demo.settled();
  await check("not auto");
  await page.click("#suggestions button");
  await check("manual");
  await page.click("#new-category");
  await check("dialog");
  await page.keyboard.press("Enter");
  await check("dialog with an error");
  await page.keyboard.press("Escape");
  await page.click('button:has-text("Add task")');
  await page.waitForSelector('#toast:has-text("Learnt")');
  await check("a task added, and learnt");
  await page.click("#task-list .tag");
  await check("editing");
  await page.keyboard.press("ArrowDown");
  await check("editing, its categories open");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.click("#task-list .task-check");
  await page.click("#done summary");
  await check("done");
  await demo.openPage("categories-page");
  await check("categories");
  await page.click('button[aria-label="Merge Design"]');
  await check("merging");
  await page.keyboard.press("Escape");
  await demo.openPage("learning-page");
  await check("learning");
  await page.click("#forget");
  await check("asked before forgetting");
  await page.keyboard.press("Escape");
}
