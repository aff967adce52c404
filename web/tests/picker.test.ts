import { describe, expect, it } from "vitest";

import { choose, follow, initialChoice, undo } from "../src/element/choice.js";
import { keyAction } from "../src/element/keyboard.js";
import { fold, listOptions, proposeName } from "../src/element/options.js";
import { ENGLISH } from "../src/element/strings.js";
import type { Prediction } from "../src/types.js";

const categories = ["Development", "Design", "Réunion"].map((name) => ({
  id: name.toLowerCase(),
  name,
}));

function prediction(decision: Prediction["decision"], id = "design"): Prediction {
  return {
    decision,
    category: decision === "auto" ? id : null,
    categoryId: decision === "auto" ? id : null,
    confidence: 0.9,
    novelty: 0,
    suggestions: [{ category: id, categoryId: id, confidence: 0.9 }],
    tier: "full",
    modelVersion: "m",
    truncated: false,
  };
}

describe("choice", () => {
  const auto = follow(initialChoice(), prediction("auto"));

  it("follows predictions, also when they become unsure", () => {
    expect(auto).toMatchObject({ value: "design", by: "auto" });
    expect(follow(auto, prediction("auto", "development")).value).toBe("development");
    expect(follow(auto, prediction("suggest"))).toMatchObject({ value: "", by: "none" });
    expect(follow(auto, null).value).toBe("");
  });

  it("never changes what was chosen by hand", () => {
    for (const start of [initialChoice("a"), choose(auto, "a"), choose(auto, "")]) {
      for (const decision of ["auto", "suggest", "new"] as const) {
        expect(follow(start, prediction(decision))).toBe(start);
      }
    }
  });

  it("goes back to what stood before, once", () => {
    const manual = choose(auto, "development");
    const back = undo(manual);
    expect(back).toMatchObject({ value: "design", by: "auto", former: null });
    expect(undo(back)).toBe(back);
    expect(undo(initialChoice("a")).value).toBe("a");
  });

  it("does not make an automatic choice again that was taken back", () => {
    const undone = undo(auto);
    expect(undone).toMatchObject({ value: "", by: "none" });
    expect(follow(undone, prediction("auto")).value).toBe("");
    const other = follow(undone, prediction("auto", "development"));
    expect(other.value).toBe("development");
    expect(follow(other, prediction("auto")).value).toBe("");
  });

  it("turns an automatic choice into one by hand when it is chosen", () => {
    const kept = choose(auto, "design");
    expect(kept.by).toBe("manual");
    expect(choose(kept, "design")).toBe(kept);
  });
});

describe("listOptions", () => {
  const names = (...args: Parameters<typeof listOptions>): string[] =>
    listOptions(...args).map(({ kind, name }) => `${kind} ${name}`);

  it("has suggestions first, each category once, and a proposal where none is sure", () => {
    expect(names(categories, prediction("auto"), "", "Water the plants")).toEqual([
      "suggestion Design",
      "category Development",
      "category Réunion",
    ]);
    expect(names(categories, prediction("suggest"), "", "Water the plants").at(-1)).toBe(
      "create Water plants",
    );
    expect(names(categories, prediction("new"), "", "Water the plants")[0]).toBe(
      "create Water plants",
    );
  });

  it("filters without case and accents, and offers to create what was typed", () => {
    expect(names(categories, null, "reu", "")).toEqual(["category Réunion", "create reu"]);
    expect(names(categories, null, " REUNION ", "")).toEqual(["category Réunion"]);
    expect(names([], null, "", "")).toEqual([]);
  });

  it("leaves out suggestions of categories that are not there", () => {
    expect(names([], prediction("auto", "gone"), "", "x y")).toEqual([]);
  });
});

describe("colours", () => {
  it("come along with their categories; what is none is left out", () => {
    const coloured = [
      { id: "a", name: "A", colour: "#aa00FF" },
      { id: "b", name: "B", colour: "red; background: url(x)" },
      { id: "c", name: "C" },
    ];
    const options = listOptions(coloured, prediction("auto", "a"), "", "");
    expect(options.map(({ colour }) => colour)).toEqual(["#aa00FF", null, null]);
  });
});

describe("proposeName", () => {
  it.each([
    ["water the plants tomorrow", "Water plants"],
    ["Zahnarzt anrufen", "Zahnarzt anrufen"],
    ["  2 + 2 = 4 ", ""],
    ["the of", ""],
    ["", ""],
    ["éclairs", "Éclairs"],
    ["買い物 リスト", "買い物 リスト"],
    ["x".repeat(500), `X${"x".repeat(31)}`],
  ])("%j gives %j", (title, name) => {
    expect(proposeName(title)).toBe(name);
  });
});

describe("keyAction", () => {
  const press = (key: string, isOpen: boolean, active = -1, more = {}): unknown =>
    keyAction({ key, altKey: false, isComposing: false, ...more }, isOpen, active, 3);

  it.each<[string, boolean, number, unknown]>([
    ["ArrowDown", false, -1, 0],
    ["ArrowDown", true, 2, 0],
    ["ArrowUp", false, -1, 2],
    ["ArrowUp", true, 0, 2],
    ["Enter", true, 1, "take"],
    ["Enter", true, -1, null],
    ["Enter", false, -1, null],
    ["Escape", true, 1, "close"],
    ["Escape", false, -1, "undo"],
    ["a", true, 1, null],
  ])("%s, open %j, at %j: %j", (key, isOpen, active, action) => {
    expect(press(key, isOpen, active)).toBe(action);
  });

  it("opens and closes with Alt, and leaves an input method alone", () => {
    expect(press("ArrowDown", false, -1, { altKey: true })).toBe(-1);
    expect(press("ArrowUp", true, 1, { altKey: true })).toBe("close");
    expect(press("Enter", true, 1, { isComposing: true })).toBeNull();
  });
});

it("folds and formats", () => {
  expect(fold(" Réunion ")).toBe("reunion");
  expect(ENGLISH.percent(0.934)).toBe("93%");
});
