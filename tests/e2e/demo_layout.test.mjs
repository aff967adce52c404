// How the demo is laid out: large enough for fingers, steady while one types, readable in any colour.
import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { walkStates } from "./support/demo_states.mjs";
import { useSite } from "./support/suite.mjs";

const FINGER = 44;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const TITLES = ["Fix login authentication bug", "Buy milk and eggs", "Weekly team standup", "zzz"];

const suite = useSite();

/** In the page: what can be pressed and is smaller than a finger, the picker's parts included. */
function smallTargets(least) {
  const CONTROLS = "a, button, input, summary, textarea, select, label.chip";
  const picker = document.querySelector("smartsynch-picker").shadowRoot;
  const inPicker = [...picker.querySelectorAll("button, .field, .option")];
  return [...document.querySelectorAll(CONTROLS), ...inPicker]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }))
    .filter((element) => !element.matches(".chip input, .skip"))
    .map((element) => {
      const { width, height } = element.getBoundingClientRect();
      const name = element.ariaLabel || element.id || element.textContent.trim();
      return { name, width: Math.round(width), height: Math.round(height) };
    })
    .filter(({ width, height }) => Math.min(width, height) < least);
}

describe("a finger hits", () => {
  test("everything on a phone", async (t) => {
    const demo = await suite.open(t, {
      contents: { tasks: 12, categories: 3, corrections: 3 },
      ...PHONE,
    });
    const found = {};
    const look = async (state) => {
      const small = await demo.page.evaluate(smallTargets, FINGER);
      if (small.length > 0) found[state] = small;
    };
    await walkStates(demo, look);
    assert.deepEqual(found, {});
  });
});

describe("nothing jumps", () => {
  for (const [name, options] of [
    ["phone", PHONE],
    ["desktop", { viewport: { width: 1280, height: 800 } }],
  ]) {
    test(`below a category that appears, ${name}`, async (t) => {
      const demo = await suite.open(t, options);
      await demo.type("a", 1);
      const tops = new Map();
      const note = async (state) => {
        const top = await demo.page.evaluate(
          () => document.querySelector(".choices").getBoundingClientRect().top,
        );
        tops.set(Math.round(top), [...(tops.get(Math.round(top)) ?? []), state]);
      };
      await note("a");
      for (const title of TITLES) {
        await demo.page.fill("#title", title);
        await note(`${title}, at once`);
        await demo.settled();
        await note(title);
      }
      await demo.page.click("#categories label:last-child");
      await note("chosen by hand");
      assert.equal(tops.size, 1, JSON.stringify([...tops]));
    });
  }

  test("on a phone when everything is loaded", async (t) => {
    const demo = await suite.open(t, { ...PHONE, ready: false });
    const top = () =>
      demo.page.evaluate(() => document.getElementById("task-form").getBoundingClientRect().top);
    await demo.page.waitForSelector("#loading:not([hidden])");
    const before = await top();
    await demo.ready();
    assert.equal(await top(), before);
  });
});

describe("all of it is in reach", () => {
  for (const [width, height] of [
    [320, 256],
    [640, 400],
    [1280, 800],
  ]) {
    test(`of the task's dialog, ${width} by ${height} pixels`, async (t) => {
      const demo = await suite.open(t, {
        contents: { tasks: 2, categories: 20 },
        viewport: { width, height },
      });
      await demo.page.click("#task-list .tag");
      const inSight = (selector) =>
        demo.page.evaluate((css) => {
          const root = document.querySelector("smartsynch-picker").shadowRoot;
          const element = document.querySelector(css) ?? root.querySelector(css);
          element.scrollIntoView({ block: "nearest" });
          const { top, bottom } = element.getBoundingClientRect();
          return top >= 0 && bottom <= window.innerHeight;
        }, selector);
      assert.ok(await inSight('#edit-form button[type="submit"]'));
      await demo.page.keyboard.press("ArrowUp");
      assert.ok(await inSight(".option.active"), "the last category");
    });
  }
});

describe("a category's colour", () => {
  for (const colorScheme of ["light", "dark"]) {
    test(`stands out from the page whatever it is, ${colorScheme}`, async (t) => {
      const demo = await suite.open(t, { contents: { tasks: 1 }, colorScheme });
      const faint = await demo.page.evaluate(() => {
        const canvas = document.createElement("canvas");
        const context = canvas.getContext("2d", { willReadFrequently: true });
        const luminance = (colour) => {
          context.fillStyle = colour;
          context.fillRect(0, 0, 1, 1);
          const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].map((value) => {
            const share = value / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const root = getComputedStyle(document.documentElement);
        const names = ["--page", "--card", "--hover", "--accent-soft", "--good-soft"];
        const surfaces = names.map((name) => luminance(root.getPropertyValue(name)));
        const dot = document.querySelector("#task-list .dot");
        dot.dataset.colour = "own";
        const steps = [0, 36, 73, 109, 146, 182, 219, 255];
        const hex = (value) => value.toString(16).padStart(2, "0");
        const found = [];
        const judge = (name) => {
          const shown = luminance(getComputedStyle(dot).backgroundColor);
          const least = Math.min(...surfaces.map((surface) => contrast(shown, surface)));
          if (least < 3) found.push(`${name}: ${least.toFixed(2)}`);
        };
        for (const r of steps) {
          for (const g of steps) {
            for (const b of steps) {
              const colour = `#${hex(r)}${hex(g)}${hex(b)}`;
              dot.style.setProperty("--dot", colour);
              judge(colour);
            }
          }
        }
        dot.style.removeProperty("--dot");
        for (let i = 0; i < 8; i += 1) {
          dot.dataset.colour = String(i);
          judge(`the page's number ${i}`);
        }
        return found;
      });
      assert.deepEqual(faint, []);
    });
  }
});

test("titles are written in their own direction", async (t) => {
  const demo = await suite.open(t, { contents: { tasks: 1, title: "לקנות חלב" } });
  const direction = (selector) =>
    demo.page.$eval(selector, (element) => getComputedStyle(element).direction);
  assert.equal(await direction("#task-list .task-title"), "rtl");
  await demo.type("לקנות חלב", 1);
  assert.equal(await direction("#title"), "rtl");
});
