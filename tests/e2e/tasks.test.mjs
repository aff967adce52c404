// The task list: add, edit, filter, correct and watch it learn, own categories, undo, export and
// import, forget; kept over a reload and shared by two tabs.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { launchBrowser } from "./support/browser.mjs";
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

async function open(t, options) {
  const demo = await DemoPage.open(browser, site.origin, options);
  t.after(() => demo.close());
  return demo;
}

/** Adds a task in the category that the page found. */
async function add(demo, title) {
  await demo.type(title, 1);
  await demo.settled();
  await demo.page.keyboard.press("Enter");
}

/** Opens a task's category and takes another one by keyboard. */
async function correct(demo, title, category) {
  await demo.page.click(`#task-list li:has-text("${title}") .tag`);
  await demo.page.keyboard.type(category);
  await demo.page.keyboard.press("Enter");
  await demo.page.waitForFunction(() => document.querySelector("smartsynch-picker").value !== "");
  await demo.page.click('#edit-form button:has-text("Save")');
}

const tasks = async (demo) => (await demo.result()).tasks;

/** Waits until the list reads so. */
async function shows(demo, expected) {
  const found = () => demo.result().then((result) => result.tasks);
  for (let i = 0; i < 100; i += 1) {
    if (JSON.stringify(await found()) === JSON.stringify(expected)) return;
    await demo.page.waitForTimeout(50);
  }
  assert.deepEqual(await found(), expected);
}

const go = (demo, page) => demo.page.click(`.pages a[href="#${page}"]`);
const history = (demo) =>
  demo.page.$$eval("#history li", (rows) => rows.map((r) => r.querySelector("p").textContent));

/** Everything in every database of the origin, as one text. */
const stored = (demo) =>
  demo.page.evaluate(async () => {
    const all = [];
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise((resolve) => {
        const request = indexedDB.open(name);
        request.onsuccess = () => resolve(request.result);
      });
      for (const store of db.objectStoreNames) {
        const request = db.transaction(store).objectStore(store).getAll();
        await new Promise((resolve) => (request.onsuccess = resolve));
        all.push(JSON.stringify(request.result));
      }
      db.close();
    }
    return all.join("\n");
  });

describe("the task list", () => {
  test("adds, edits, filters, ticks off and keeps tasks", async (t) => {
    const demo = await open(t);
    await add(demo, "Fix login authentication bug");
    await add(demo, "Weekly team standup");
    await shows(demo, [
      "Weekly team standup: Meeting",
      "Fix login authentication bug: Development",
    ]);

    await demo.page.click("#task-list li:nth-child(2) .task-open");
    assert.equal(await demo.page.inputValue("#edit-title"), "Fix login authentication bug");
    await demo.page.fill("#edit-title", "");
    await demo.page.keyboard.press("Enter");
    await demo.page.waitForSelector('#edit-error:has-text("needs a title")');
    await demo.page.fill("#edit-title", "Fix the login page");
    await demo.page.fill("#edit-description", "It answers with 500.");
    await demo.page.click('#edit-form button:has-text("Save")');
    await shows(demo, ["Weekly team standup: Meeting", "Fix the login page: Development"]);

    await demo.page.click('#filters button:has-text("Meeting")');
    await shows(demo, ["Weekly team standup: Meeting"]);
    assert.equal(await demo.page.textContent("#tasks-heading"), "Meeting");
    await demo.page.click("#task-list .task-check");
    await shows(demo, []);
    assert.equal(await demo.page.textContent("#done-count"), "1");

    await demo.page.reload();
    await demo.ready();
    await shows(demo, ["Fix the login page: Development"]);
    assert.equal(await demo.page.textContent("#done-count"), "1");
    assert.equal(await demo.page.textContent(".task-note"), "It answers with 500.");
    assert.deepEqual(demo.complaints, []);
    assert.deepEqual(await demo.violations(), []);
  });

  test("a correction is learnt, shows in the next titles and other tasks, and is undone", async (t) => {
    const demo = await open(t);
    await add(demo, "Water the plants on the balcony");
    await add(demo, "Water the roses on the balcony");
    const before = await tasks(demo);
    await go(demo, "categories-page");
    await demo.page.click("#add-category");
    await demo.page.keyboard.type("Garden");
    await demo.page.keyboard.press("Enter");
    await demo.page.waitForSelector('#category-rows li:has-text("Garden")');
    await go(demo, "tasks");
    await correct(demo, "Water the plants", "Garden");
    await demo.page.waitForSelector('#toast:has-text("Learnt: this is Garden.")');
    await demo.type("Water the herbs on the balcony", 1);
    assert.equal((await demo.settled()).suggestions[0], "Garden");
    await demo.clear();
    await demo.page.click('#toast button:has-text("Undo")');
    await shows(demo, before);
    await demo.type("Water the herbs on the balcony", 1);
    await demo.page.waitForFunction(
      () =>
        !["Garden", undefined].includes(document.querySelector("#suggestions .name")?.textContent),
    );
    await demo.clear();

    // With three like examples the rest of the list follows, when the user says so.
    const taught = "plants herbs trees";
    for (const what of taught.split(" ")) {
      await demo.type(`Water the ${what} on the balcony`, 1);
      await demo.settled();
      await demo.page.click('#categories label:has-text("Garden")');
      await demo.page.click('button:has-text("Add task")');
    }
    await demo.page.waitForSelector('#hints:has-text("like Garden now")');
    await demo.page.click("#hints-take");
    await demo.page.waitForSelector('#task-list li:has-text("roses") .tag:has-text("Garden")');
  });

  test("a deleted task leaves nothing of its text, and comes back by undo", async (t) => {
    const demo = await open(t);
    await add(demo, "Weekly team standup");
    await shows(demo, ["Weekly team standup: Meeting"]);
    await demo.page.waitForFunction(() => indexedDB.databases().then((all) => all.length === 2));
    const remove = async () => {
      await demo.page.click("#task-list .task-open");
      await demo.page.click("#edit-delete");
      await demo.page.waitForSelector('#toast:has-text("Deleted")');
      await shows(demo, []);
    };
    await remove();
    assert.ok(!(await stored(demo)).includes("standup"), await stored(demo));
    await demo.page.click('#toast button:has-text("Undo")');
    await shows(demo, ["Weekly team standup: Meeting"]);
    await go(demo, "learning-page");
    await demo.page.waitForSelector("#history li");
    assert.deepEqual(await history(demo), ["You kept Meeting"]);
  });
});

describe("categories", () => {
  test("are renamed, merged and removed; tasks keep up; each step can be undone", async (t) => {
    const demo = await open(t);
    await add(demo, "Design new logo");
    await shows(demo, ["Design new logo: Design"]);
    await go(demo, "categories-page");
    await demo.page.click('button[aria-label="Rename Design"]');
    await demo.page.keyboard.type("meeting");
    await demo.page.keyboard.press("Enter");
    await demo.page.waitForSelector("#category-error:not(:empty)");
    await demo.page.fill("#category-name", "Looks");
    await demo.page.keyboard.press("Enter");
    await demo.page.waitForSelector('button[aria-label="Merge Looks"]');
    await shows(demo, ["Design new logo: Looks"]);

    await demo.page.click('button[aria-label="Merge Looks"]');
    await demo.page.selectOption("#confirm-choice", { label: "Research" });
    await demo.page.click("#confirm-submit");
    await shows(demo, ["Design new logo: Research"]);
    await demo.page.click('#toast button:has-text("Undo")');
    await shows(demo, ["Design new logo: Looks"]);

    await demo.page.click('button[aria-label="Remove Looks"]');
    await demo.page.click("#confirm-cancel");
    await shows(demo, ["Design new logo: Looks"]);
    await demo.page.click('button[aria-label="Remove Looks"]');
    await demo.page.click("#confirm-submit");
    await shows(demo, ["Design new logo: No category"]);

    await go(demo, "learning-page");
    assert.deepEqual(await history(demo), ["Removed Looks", "Renamed to Looks", "You kept Looks"]);
    await demo.page.click("#history li:first-child button");
    await shows(demo, ["Design new logo: Looks"]);
    await demo.page.click("#history li:first-child button");
    await shows(demo, ["Design new logo: Design"]);
    assert.deepEqual(await history(demo), ["You kept Design"]);
  });
});

describe("the user's data", () => {
  test("is exported, forgotten, and imported again", async (t) => {
    const demo = await open(t);
    await add(demo, "Weekly team standup");
    await shows(demo, ["Weekly team standup: Meeting"]);
    await go(demo, "learning-page");
    await demo.page.waitForSelector("#history li");
    const [download] = await Promise.all([
      demo.page.waitForEvent("download"),
      demo.page.click("#export"),
    ]);
    const path = await download.path();
    assert.equal(JSON.parse(readFileSync(path, "utf8")).tasks[0].title, "Weekly team standup");

    await demo.page.click("#forget");
    await demo.page.click("#confirm-submit");
    await demo.page.waitForSelector('#toast:has-text("forgotten")');
    await shows(demo, []);
    assert.deepEqual(await history(demo), []);
    assert.ok(!(await stored(demo)).includes("standup"));

    const bring = async (file) => {
      await demo.page.setInputFiles("#import-file", file);
      await demo.page.click("#confirm-submit");
    };
    const asFile = (text) => ({
      name: "smartsynch.json",
      mimeType: "application/json",
      buffer: Buffer.from(text),
    });
    for (const bad of [
      "no json",
      "[]",
      '{"format":"smartsynch-tasks","version":1,"tasks":[{"id":1}],"learnt":{}}',
      '{"format":"smartsynch-tasks","version":1,"tasks":[],"learnt":{"format":"other"}}',
      '{"format":"smartsynch-tasks","version":9,"tasks":[],"learnt":{}}',
    ]) {
      await bring(asFile(bad));
      await demo.page.waitForSelector('#toast:has-text("Nothing has changed")');
      await demo.page.evaluate(() => (document.getElementById("toast").hidden = true));
    }
    await bring(path);
    await demo.page.waitForSelector('#toast:has-text("Imported 1 task.")');
    await shows(demo, ["Weekly team standup: Meeting"]);
    assert.deepEqual(await history(demo), ["You kept Meeting"]);
    assert.deepEqual(demo.complaints, []);
  });

  test("is the same in two tabs", async (t) => {
    const demo = await open(t);
    const other = Object.assign(new DemoPage(), { page: await demo.context.newPage() });
    await other.page.goto(`${site.origin}/demo/`);
    await other.ready();
    await add(demo, "Weekly team standup");
    await shows(other, ["Weekly team standup: Meeting"]);
    await go(other, "categories-page");
    await other.page.click("#add-category");
    await other.page.keyboard.type("Garden");
    await other.page.keyboard.press("Enter");
    await demo.page.waitForSelector('#filters button:has-text("Garden")');
  });

  test("stays in memory where nothing can be saved, and the page says so", async (t) => {
    const demo = await open(t, {
      initScript: () => {
        Object.defineProperty(window, "indexedDB", {
          value: {
            open: () => {
              throw new DOMException("denied", "SecurityError");
            },
          },
        });
      },
    });
    await demo.page.waitForSelector("#storage-notice:not([hidden])");
    await add(demo, "Weekly team standup");
    await shows(demo, ["Weekly team standup: Meeting"]);
  });
});
