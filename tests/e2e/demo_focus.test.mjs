// The demo's focus: what vanishes hands it on, what is drawn anew keeps it, and the way back is near.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { launchBrowser } from "./support/browser.mjs";
import { demoFile } from "./support/demo_data.mjs";
import { DemoPage, serveDemo } from "./support/demo_page.mjs";

let browser, site;
before(async () => {
  browser = await launchBrowser();
  site = await serveDemo();
});
after(async () => {
  await site?.close();
  await browser?.close();
});

async function open(t, contents, options) {
  const demo = await DemoPage.open(browser, site.origin, options);
  t.after(() => demo.close());
  if (contents) await demo.bring(demoFile(contents));
  return demo;
}

/** A word for what has the focus; "nothing" for the page as a whole. */
const focused = (demo) =>
  demo.page.evaluate(() => {
    const { activeElement } = document;
    if (activeElement === document.body || activeElement === null) return "nothing";
    return activeElement.id || activeElement.ariaLabel || activeElement.className;
  });

/** Waits until the focus is there. */
async function focusIs(demo, expected) {
  let found = await focused(demo);
  for (let i = 0; i < 60 && found !== expected; i += 1) {
    await demo.page.waitForTimeout(50);
    found = await focused(demo);
  }
  assert.equal(found, expected);
}

const press = async (demo, selector) => {
  await demo.page.focus(selector);
  await demo.page.keyboard.press("Enter");
};

describe("the focus is never lost", () => {
  test("when a category is renamed, coloured or changed in another tab", async (t) => {
    const demo = await open(t);
    await demo.page.goto(`${site.origin}/demo/#categories-page`);
    await press(demo, 'button[aria-label="Rename Design"]');
    await demo.page.keyboard.type("Looks");
    await demo.page.keyboard.press("Enter");
    await focusIs(demo, "Rename Looks");
    await demo.page.focus('input[aria-label="Colour of Looks"]');
    await demo.page.fill('input[aria-label="Colour of Looks"]', "#102030");
    await demo.page.waitForSelector("#toast:not([hidden])");
    await focusIs(demo, "Colour of Looks");
    const other = await demo.context.newPage();
    await other.goto(`${site.origin}/demo/#categories-page`);
    await other.click('button[aria-label="Rename Research"]');
    await other.keyboard.type("Reading");
    await other.keyboard.press("Enter");
    await demo.page.bringToFront();
    await demo.page.waitForSelector('button[aria-label="Rename Reading"]');
    await focusIs(demo, "Colour of Looks");
  });

  test("when a category is removed or merged away", async (t) => {
    const demo = await open(t);
    await demo.page.goto(`${site.origin}/demo/#categories-page`);
    for (const action of ["Remove Design", "Merge Research"]) {
      await press(demo, `button[aria-label="${action}"]`);
      await press(demo, "#confirm-submit");
      await demo.page.waitForSelector(`button[aria-label="${action}"]`, { state: "detached" });
      await demo.page.waitForTimeout(100);
      assert.notEqual(await focused(demo), "nothing", action);
    }
  });

  test("when a message is answered", async (t) => {
    const demo = await open(t, { tasks: 4, corrections: 1 });
    await press(demo, "#task-list li:nth-child(2) .tag");
    await demo.page.keyboard.type("meeting");
    await demo.page.keyboard.press("Enter");
    await press(demo, '#edit-form button[type="submit"]');
    await demo.page.waitForSelector("#toast-action", { state: "visible" });
    await press(demo, "#toast-action");
    await focusIs(demo, "tag");
    for (const [banner, button] of [
      ["#hints", "#hints-leave"],
      ["#error", "#error-retry"],
      ["#loading", "#loading-start"],
    ]) {
      await demo.page.evaluate(
        (ids) => ids.forEach((id) => (document.querySelector(id).hidden = false)),
        [banner, button],
      );
      await press(demo, button);
      await demo.page.evaluate((id) => (document.querySelector(id).hidden = true), banner);
      await focusIs(demo, "tag");
    }
  });

  test("when all of the history is shown, and when its rows are undone", async (t) => {
    const demo = await open(t, { tasks: 40, corrections: 35 });
    await demo.page.click('.pages a[href="#learning-page"]');
    await press(demo, "#history-more");
    await demo.page.waitForSelector("#history-more", { state: "hidden" });
    await demo.page.waitForTimeout(100);
    assert.notEqual(await focused(demo), "nothing");
    await press(demo, "#history li:nth-child(3) button");
    await focusIs(demo, "learning-heading");
  });

  test("and is not moved for who uses a mouse and looks elsewhere", async (t) => {
    const demo = await open(t, { tasks: 4 });
    await demo.page.click("#task-list .task-check");
    await demo.page.click("#toast-action");
    await demo.page.waitForTimeout(100);
    assert.notEqual(await focused(demo), "title", "no keyboard opens on the screen");
    await demo.page.mouse.click(700, 790);
    await demo.page.evaluate(() => (document.getElementById("update").hidden = false));
    await demo.page.waitForTimeout(100);
    assert.equal(await focused(demo), "nothing");
  });
});

describe("the way back", () => {
  test("is Control+Z, from wherever the focus is but a field with text", async (t) => {
    const demo = await open(t, { tasks: 3 });
    await demo.page.focus("#task-list li:first-child .task-check");
    await demo.page.keyboard.press("Space");
    await demo.page.waitForSelector('#toast:has-text("Done: “Task number 2”.")');
    assert.match(await demo.page.textContent("#status"), /Control Z: Undo/);
    await demo.page.keyboard.press("Control+z");
    await demo.page.waitForSelector('#task-list li:has-text("Task number 2")');
    assert.equal(await demo.page.isVisible("#toast"), false);
    await demo.page.click("#task-list li:first-child .task-check");
    await demo.page.waitForSelector("#toast:not([hidden])");
    await demo.type("Buy milk");
    await demo.page.keyboard.press("Control+z");
    assert.equal(await demo.page.isVisible("#toast"), true, "the field's own undo");
  });

  test("takes an automatic selection away, and that is learnt", async (t) => {
    const demo = await open(t);
    await demo.type("Fix login authentication bug", 1);
    assert.equal((await demo.settled()).state, "auto");
    await press(demo, "#undo-choice");
    let result = await demo.result();
    assert.deepEqual([result.title, result.checked], ["No category", null]);
    await focusIs(demo, "undo-choice");
    await press(demo, "#undo-choice");
    result = await demo.result();
    assert.deepEqual([result.state, result.checked], ["auto", "Development"]);
    await press(demo, "#undo-choice");
    await press(demo, "#title");
    await demo.page.waitForSelector('#task-list .tag:has-text("No category")');
    await demo.page.click('.pages a[href="#learning-page"]');
    await demo.page.waitForSelector('#history li:has-text("You took Development away")');
  });
});

test("what was learnt is said at once, and counted", async (t) => {
  const demo = await open(t);
  assert.equal(await demo.page.isVisible("#learnt"), false);
  for (const [i, title] of ["Water the roses", "Water the herbs"].entries()) {
    await demo.type(title, 1);
    await demo.settled();
    await demo.page.click('#categories label:has-text("Planning")');
    await demo.page.click('button:has-text("Add task")');
    const count = i === 0 ? "1 correction" : "2 corrections";
    await demo.page.waitForSelector(
      `#toast:has-text("Learnt: this is Planning. ${count} so far.")`,
    );
    await demo.page.waitForSelector(`#learnt:has-text("Learnt from ${count}")`);
  }
  await demo.page.keyboard.press("Control+z");
  await demo.page.waitForSelector('#learnt:has-text("Learnt from 1 correction")');
  await demo.page.click("#learnt");
  assert.equal(await demo.page.isVisible("#learning-page"), true);
});

test("a new task keeps the filter that lists it", async (t) => {
  const demo = await open(t);
  await demo.page.click('#filters button:has-text("Development")');
  await demo.type("Fix login authentication bug", 1);
  await demo.settled();
  await demo.page.keyboard.press("Enter");
  await demo.page.waitForSelector("#task-list li");
  assert.equal(await demo.page.textContent("#tasks-heading"), "Development");
  await demo.type("Weekly team standup", 1);
  await demo.settled();
  await demo.page.keyboard.press("Enter");
  await demo.page.waitForSelector('#tasks-heading:has-text("All tasks")');
});
