import { describe, expect, it } from "vitest";

import { announce, describeResult, type FormState, percent, sentence } from "../demo/model.js";
import type { Prediction } from "../src/types.js";

const categories = [
  { id: "design", name: "Design" },
  { id: "meeting", name: "Meeting" },
];
const suggestions = [
  { category: "Design", categoryId: "design", confidence: 0.6 },
  { category: "Meeting", categoryId: "meeting", confidence: 0.3 },
];
const prediction = (overrides: Partial<Prediction>): Prediction => ({
  decision: "suggest",
  category: null,
  categoryId: null,
  confidence: 0.6,
  novelty: 0.2,
  suggestions,
  tier: "full",
  modelVersion: "m",
  truncated: false,
  ...overrides,
});
const state = (overrides: Partial<FormState>): FormState => ({
  hasText: true,
  prediction: prediction({}),
  chosenId: null,
  ...overrides,
});
const auto = prediction({ decision: "auto", category: "Design", categoryId: "design" });

describe("describeResult", () => {
  it.each<[string, Partial<FormState>, object]>([
    ["nothing typed", { hasText: false }, { state: "idle", suggestions: [], selectedId: null }],
    ["no answer yet", { prediction: null }, { state: "idle" }],
    [
      "a confident answer",
      { prediction: auto },
      { state: "auto", title: "Design", selectedId: "design" },
    ],
    ["an unsure answer", {}, { state: "suggest", suggestions, selectedId: null }],
    [
      "nothing to go by",
      { prediction: prediction({ suggestions: [] }) },
      { state: "suggest", suggestions: [] },
    ],
    [
      "a new kind",
      { prediction: prediction({ decision: "new" }) },
      { state: "new", selectedId: null },
    ],
    [
      "a choice",
      { prediction: auto, chosenId: "meeting" },
      { state: "manual", title: "Meeting", selectedId: "meeting" },
    ],
    [
      "a choice without text",
      { hasText: false, chosenId: "meeting" },
      { state: "manual", suggestions: [] },
    ],
    [
      "a category taken away",
      { prediction: auto, chosenId: "" },
      { state: "manual", title: "No category", suggestions, selectedId: null },
    ],
    ["a choice that is gone", { chosenId: "gone" }, { state: "suggest" }],
  ])("%s", (_, overrides, expected) => {
    expect(describeResult(state(overrides), categories)).toMatchObject(expected);
  });
});

describe("announce", () => {
  it("says in one sentence what there is", () => {
    const say = (overrides: Partial<FormState>): string =>
      announce(describeResult(state(overrides), categories));
    expect(say({ prediction: auto })).toBe("Design. Selected automatically, 60 % sure.");
    expect(say({})).toBe("Is it one of these? 2 suggestions, first: Design, 60 %.");
    expect(say({ hasText: false })).toBe("");
    expect(say({ prediction: prediction({ suggestions: [] }) })).toBe("");
  });
});

describe("percent", () => {
  it.each([
    [0, "0 %"],
    [0.001, "<1 %"],
    [0.934, "93 %"],
    [0.9949, "99 %"],
    [0.999, ">99 %"],
    [1, "100 %"],
  ])("%d is %s", (share, text) => {
    expect(percent(share)).toBe(text);
  });
});

describe("sentence", () => {
  it("begins with a capital, unless it is an address", () => {
    expect(sentence(new Error("a category needs a name"))).toBe("A category needs a name");
    expect(sentence(new Error("http://a/b is gone"))).toBe("http://a/b is gone");
    expect(sentence("text")).toBe("Text");
  });
});
