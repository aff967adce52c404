// The element in a page of its own, by keyboard alone and with a screen reader in mind.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { axePath, launchBrowser } from "./support/browser.mjs";
import { servePicker } from "./support/picker_page.mjs";

let browser, site;
before(async () => {
  browser = await launchBrowser();
  site = await servePicker();
});
after(async () => {
  site?.close();
  await browser?.close();
});

async function open(options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(site.origin);
  await page.waitForFunction(() => window.ready);
  return page;
}

/** What the field shows. */
const state = (page) =>
  page.evaluate(async () => {
    const picker = document.getElementById("picker");
    await picker.updateComplete;
    const root = picker.shadowRoot;
    const input = root.getElementById("input");
    const active = root.getElementById(input.getAttribute("aria-activedescendant"));
    return {
      text: input.value,
      value: picker.value,
      isOpen: input.getAttribute("aria-expanded") === "true",
      active: active?.querySelector(".name").textContent ?? null,
      indicator: root.getElementById("indicator")?.textContent.replace(/\s+/g, " ").trim() ?? null,
      options: [...root.querySelectorAll("[role=option]")].map((o) =>
        o.textContent.replace(/\s+/g, " ").trim(),
      ),
      focused: document.activeElement.id,
    };
  });

const type = async (page, text) => {
  await page.focus("#title");
  await page.fill("#title", "");
  await page.keyboard.type(text);
};

test("a sure prediction is chosen, shown and announced, and Escape takes it back for good", async () => {
  const page = await open();
  await type(page, "Fix login");
  let now = await state(page);
  assert.deepEqual(
    [now.text, now.value, now.indicator, now.focused],
    ["Development", "development", "Auto 93%", "title"],
  );
  await page.waitForFunction(() =>
    document
      .getElementById("picker")
      .shadowRoot.querySelector("[role=status]")
      .textContent.includes("Development selected automatically, 93% sure"),
  );
  await page.keyboard.press("Tab");
  assert.equal((await state(page)).isOpen, false);
  await page.keyboard.press("Escape");
  now = await state(page);
  assert.deepEqual([now.text, now.value, now.indicator], ["", "", null]);
  await page.waitForFunction(() =>
    document
      .getElementById("picker")
      .shadowRoot.querySelector("[role=status]")
      .textContent.startsWith("Undone"),
  );
  await page.focus("#title");
  await page.keyboard.type("s now");
  assert.equal((await state(page)).value, "");
  await type(page, "Draw logo");
  assert.equal((await state(page)).value, "design");
  assert.deepEqual(await page.evaluate(() => window.feedback), ["Fix login,development,rejected"]);
});

test("a choice by hand is never changed by a prediction, and undo brings the former back", async () => {
  const page = await open();
  await type(page, "Fix login");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  let now = await state(page);
  assert.equal(now.isOpen, true);
  assert.equal(now.active, "Development");
  assert.deepEqual(now.options.slice(0, 2), ["✓ Development 93%", "Meeting 4%"]);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  now = await state(page);
  assert.deepEqual([now.value, now.isOpen, now.indicator], ["meeting", false, null]);
  await type(page, "Draw logo");
  assert.equal((await state(page)).value, "meeting");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter"); // the undo button
  now = await state(page);
  assert.equal(now.value, "development");
  assert.deepEqual(await page.evaluate(() => window.events), [
    "change:development:auto",
    "change:meeting:manual",
    "undo-choice:development",
    "change:development:undo",
  ]);
});

test("typing filters, arrows wrap, Escape closes, Alt+Arrow opens, Tab leaves all as it was", async () => {
  const page = await open();
  await page.focus("#picker");
  await page.keyboard.type("ing");
  let now = await state(page);
  assert.deepEqual(now.options, ["Meeting", "Marketing", "Planning", "+ Create “ing”"]);
  assert.equal(now.active, "Meeting");
  await page.keyboard.press("ArrowUp");
  assert.equal((await state(page)).active, "Create “ing”");
  await page.keyboard.press("ArrowDown");
  assert.equal((await state(page)).active, "Meeting");
  await page.keyboard.press("Escape");
  now = await state(page);
  assert.deepEqual([now.isOpen, now.text, now.value], [false, "", ""]);
  await page.keyboard.press("Alt+ArrowDown");
  assert.equal((await state(page)).isOpen, true);
  await page.keyboard.press("Alt+ArrowUp");
  assert.equal((await state(page)).isOpen, false);
  await page.keyboard.type("zzz");
  await page.keyboard.press("Tab");
  now = await state(page);
  assert.deepEqual([now.isOpen, now.text, now.value, now.focused], [false, "", "", "add"]);
  assert.deepEqual(await page.evaluate(() => window.events), []);
});

test("markup in a name is text", async () => {
  const page = await open();
  const name = '<img src=x onerror="window.hacked=1">';
  await type(page, "Water the plants");
  await page.keyboard.press("Tab");
  await page.keyboard.type(name);
  assert.equal((await state(page)).options.at(-1), `+ Create “${name}”`);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.getElementById("picker").value !== "");
  assert.equal((await state(page)).text, name);
  await page.waitForTimeout(100);
  assert.deepEqual(
    await page.evaluate(() => [
      document.getElementById("picker").shadowRoot.querySelectorAll("img").length,
      window.hacked ?? 0,
    ]),
    [0, 0],
  );
});

test("a title that fits nothing proposes a category, which the engine adds", async () => {
  const page = await open();
  await type(page, "Water the plants");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  assert.equal((await state(page)).active, "Create “Water plants”");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.getElementById("picker").value === "water-plants");
  assert.equal((await state(page)).text, "Water plants");
  await page.keyboard.type("Bad");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => window.events.includes("picker-error:bad name"));
  assert.equal((await state(page)).value, "water-plants");
  assert.deepEqual((await page.evaluate(() => window.events)).slice(0, 2), [
    "create-category:Water plants",
    "change:water-plants:create",
  ]);
});

test("it is a form's field: sent, required, disabled, reset", async () => {
  const page = await open();
  const inPage = (run) => page.evaluate(run);
  await inPage(() => document.getElementById("picker").setAttribute("required", ""));
  await state(page);
  assert.equal(await inPage(() => document.getElementById("form").checkValidity()), false);
  assert.match(
    await inPage(() => document.getElementById("picker").validationMessage),
    /choose a category/,
  );
  await type(page, "Draw logo");
  await page.keyboard.press("Enter");
  assert.equal(await inPage(() => window.sent), "design");
  await inPage(() => document.getElementById("form").reset());
  assert.equal((await state(page)).value, "");
  await inPage(() => {
    const set = document.createElement("fieldset");
    set.disabled = true;
    const picker = document.getElementById("picker");
    picker.replaceWith(set);
    set.append(picker);
  });
  await state(page);
  assert.equal(
    await inPage(
      () => document.getElementById("picker").shadowRoot.getElementById("input").disabled,
    ),
    true,
  );
});

test("a selection that is sent with its form is learnt as kept, once for a title", async () => {
  const page = await open();
  const send = async (title) => {
    await type(page, title);
    await state(page);
    await page.keyboard.press("Enter");
  };
  await send("Maybe later"); // a suggestion alone is nothing that was kept
  await send("Fix login");
  await page.click("#add"); // the page prevents sending, so it may be tried again
  await send("Fix logout");
  assert.deepEqual(await page.evaluate(() => window.feedback), [
    "Fix login,development,accepted",
    "Fix logout,development,accepted",
  ]);

  // What was chosen by hand is learnt when it is chosen, and what a page resets was sent before.
  await page.evaluate(() => {
    window.feedback.length = 0;
    document.getElementById("form").addEventListener("submit", (e) => e.target.reset());
  });
  await send("Draw logo");
  await type(page, "Fix login");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Meet");
  await page.keyboard.press("Enter");
  await page.click("#add");
  assert.deepEqual(await page.evaluate(() => window.feedback), [
    "Draw logo,design,accepted",
    "Fix login,meeting,changed",
  ]);

  // A disabled field is not sent, nor is one of another form this form's.
  await page.evaluate(() => {
    window.feedback.length = 0;
    document.getElementById("picker").disabled = true;
  });
  await send("Fix logs");
  await page.evaluate(() => {
    const picker = document.getElementById("picker");
    picker.disabled = false;
    document.body.append(picker);
  });
  await send("Fix links");
  assert.deepEqual(await page.evaluate(() => window.feedback), []);
});

test("it follows a prediction set as property, without an engine", async () => {
  const page = await open();
  await page.evaluate(() => {
    const picker = document.createElement("smartsynch-picker");
    picker.categories = [{ id: "a", name: "Alpha" }];
    picker.prediction = {
      decision: "auto",
      category: "Alpha",
      categoryId: "a",
      confidence: 0.9,
      suggestions: [{ category: "Alpha", categoryId: "a", confidence: 0.9 }],
    };
    document.getElementById("picker").replaceWith(picker);
    picker.id = "picker";
  });
  const now = await state(page);
  assert.deepEqual([now.value, now.text, now.indicator], ["a", "Alpha", "Auto 90%"]);
});

test("words and direction are the page's", async () => {
  const page = await open();
  await page.evaluate(() => {
    document.documentElement.dir = "rtl";
    document.documentElement.lang = "ar";
    document.getElementById("picker").strings = {
      automatic: "تلقائي",
      undo: "تراجع",
      percent: (share) => `${Math.round(share * 100)}٪`,
      create: (name) => `إنشاء «${name}»`,
      announceAuto: (category, percent) => `اختير ${category} ${percent}`,
    };
  });
  await type(page, "Fix login");
  assert.equal((await state(page)).indicator, "تلقائي 93٪");
  const places = await page.evaluate(() => {
    const root = document.getElementById("picker").shadowRoot;
    const left = (selector) => root.querySelector(selector).getBoundingClientRect().left;
    return [".toggle", "[part=undo]", ".indicator", "input"].map(left);
  });
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
    "from right to left: text, mark, undo, arrow",
  );
  await page.waitForFunction(() =>
    document
      .getElementById("picker")
      .shadowRoot.querySelector("[role=status]")
      .textContent.includes("اختير Development 93٪"),
  );
  await page.focus("#picker");
  await page.keyboard.type("zzz");
  assert.deepEqual((await state(page)).options, ["+ إنشاء «zzz»"]);
});

test("nothing moves where motion is unwanted; forced colours show selection and the active option", async () => {
  const still = await open({ reducedMotion: "reduce" });
  await type(still, "Fix login");
  await still.focus("#picker");
  await still.keyboard.press("ArrowDown");
  await state(still);
  const moving = await still.evaluate(() =>
    [...document.getElementById("picker").shadowRoot.querySelectorAll("*")]
      .filter((element) => {
        const { animationName, transitionDuration } = getComputedStyle(element);
        return animationName !== "none" || transitionDuration !== "0s";
      })
      .map((element) => element.className),
  );
  assert.deepEqual(moving, []);

  const forced = await open({ forcedColors: "active" });
  await type(forced, "Fix login");
  await forced.focus("#picker");
  await forced.keyboard.press("ArrowDown");
  await state(forced);
  const looks = await forced.evaluate(() => {
    const root = document.getElementById("picker").shadowRoot;
    const style = (selector) => getComputedStyle(root.querySelector(selector));
    const [active, other] = [".option.active", ".option:not(.active)"].map(style);
    return {
      border: style(".field").borderTopWidth,
      differ: active.backgroundColor !== other.backgroundColor,
    };
  });
  assert.deepEqual(looks, { border: "2px", differ: true });
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds nothing wrong (${colorScheme})`, async () => {
    const page = await open({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(readFileSync(axePath, "utf8"));
    const check = async (what) => {
      await state(page);
      const found = await page.evaluate(async () => {
        const { violations } = await window.axe.run(document, {
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        });
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join()}`);
      });
      assert.deepEqual(found, [], what);
    };
    await check("empty");
    await type(page, "Fix login");
    await check("auto");
    await page.focus("#picker");
    await page.keyboard.press("ArrowDown");
    await check("open");
    await page.keyboard.type("zzz");
    await check("filtered");
  });
}
