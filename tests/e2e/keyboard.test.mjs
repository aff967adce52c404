// By keyboard alone, with a screen reader in mind.
import assert from "node:assert/strict";
import { test } from "node:test";
import { useSite } from "./support/suite.mjs";

const suite = useSite();

/** The focused element: its id, or else its text. */
const focused = (demo) =>
  demo.page.evaluate(() => {
    const element = document.activeElement;
    return element.id || element.value || element.textContent;
  });

test("a task is typed, put in a category and added without a mouse", async (t) => {
  const demo = await suite.open(t);
  const { keyboard } = demo.page;
  await keyboard.press("Tab");
  assert.equal(await focused(demo), "skip");
  await keyboard.press("Enter");
  assert.equal(await focused(demo), "title");
  await keyboard.type("Weekly team standup");
  const { suggestions } = await demo.settled();
  assert.equal(suggestions[0], "Meeting");
  await keyboard.press("Tab");
  assert.equal(await focused(demo), "description");
  await keyboard.press("Tab");
  assert.equal(await focused(demo), "undo-choice");
  for (let i = 0; i < suggestions.length; i += 1) {
    await keyboard.press("Tab");
    assert.match(await focused(demo), new RegExp(`^${suggestions[i]}`));
  }
  // The last suggestion is taken; the choice can be seen, moved with the arrows and undone.
  await keyboard.press("Enter");
  let result = await demo.result();
  assert.equal(result.state, "manual");
  assert.equal(result.checked, suggestions.at(-1));
  await keyboard.press("ArrowRight");
  const moved = (await demo.result()).checked;
  assert.notEqual(moved, suggestions.at(-1));
  await demo.page.focus("#undo-choice");
  await keyboard.press("Enter");
  assert.equal(await focused(demo), "title");
  assert.notEqual((await demo.result()).state, "manual");

  await demo.page.focus("#new-category");
  await keyboard.press("Enter");
  assert.equal(await focused(demo), "category-name");
  await keyboard.type("meeting");
  await keyboard.press("Enter");
  await demo.page.waitForSelector('#category-error:has-text("There is a category \\"Meeting\\"")');
  await keyboard.press("Escape");
  assert.equal(await focused(demo), "new-category");
  await keyboard.press("Enter");
  await keyboard.type("Operations");
  await keyboard.press("Enter");
  await demo.page.waitForSelector("#category-dialog:not([open])", {
    state: "attached",
  });
  assert.equal((await demo.result()).checked, "Operations");

  await demo.page.focus("#title");
  await keyboard.press("Enter");
  result = await demo.result();
  assert.deepEqual(result.tasks, ["Weekly team standup: Operations"]);
  assert.equal(result.state, "idle");
  assert.equal(await focused(demo), "title");
});

test("a task is corrected, ticked off and deleted without a mouse", async (t) => {
  const demo = await suite.open(t);
  const { keyboard } = demo.page;
  const tabTo = async (wanted) => {
    for (let i = 0; i < 30; i += 1) {
      await keyboard.press("Tab");
      if (await demo.page.evaluate((css) => document.activeElement.matches(css), wanted)) return;
    }
    assert.fail(`the focus never came to ${wanted}`);
  };
  await tabTo("#skip");
  await keyboard.press("Enter");
  for (const title of ["Weekly team standup", "Design new logo"]) {
    await keyboard.type(title);
    await demo.settled();
    await keyboard.press("Enter");
  }
  await tabTo(".tag");
  await keyboard.press("Enter");
  assert.equal(await focused(demo), "edit-category");
  await keyboard.type("research");
  await keyboard.press("Enter");
  await tabTo('button[type="submit"]');
  await keyboard.press("Enter");
  await demo.page.waitForSelector('#task-list li:first-child .tag:has-text("Research")');
  assert.equal(
    await demo.page.evaluate(() => document.activeElement.className),
    "tag",
    "the focus is back where it came from",
  );
  // It comes when the correction has been learnt.
  await demo.page.waitForSelector("#toast-action", { state: "visible" });
  await tabTo("#toast-action");
  await keyboard.press("Enter");
  await demo.page.waitForSelector('#task-list li:first-child .tag:has-text("Design")');

  await demo.page.focus(".task-check");
  await keyboard.press("Space");
  assert.deepEqual((await demo.result()).tasks, ["Weekly team standup: Meeting"]);
  assert.equal(
    await demo.page.evaluate(() => document.activeElement.ariaLabel),
    "Done: Weekly team standup",
  );
  await tabTo(".task-open");
  await keyboard.press("Enter");
  assert.equal(await focused(demo), "edit-title");
  await keyboard.press("Escape");
  await keyboard.press("Enter");
  await tabTo("#edit-delete");
  await keyboard.press("Enter");
  assert.equal(await focused(demo), "tasks-heading");
  assert.deepEqual((await demo.result()).tasks, []);
});

test("a screen reader hears the outcome, not every letter", async (t) => {
  const demo = await suite.open(t);
  await demo.page.evaluate(() => {
    window.heard = [];
    const status = document.getElementById("status");
    new MutationObserver(() => window.heard.push(status.textContent)).observe(status, {
      childList: true,
    });
  });
  await demo.type("Fix login authentication bug", 30);
  await demo.settled();
  await demo.page.waitForFunction(() => window.heard.length > 0);
  const heard = await demo.page.evaluate(() => window.heard);
  assert.ok(heard.length <= 2, heard.join(" | "));
  assert.match(heard.at(-1), /Development/);
});
