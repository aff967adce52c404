/**
 * What the page shows, as plain data and pure functions.
 * @module
 */
import type { Category, Prediction, Suggestion } from "../src/index.js";

/** The state of the form. */
export interface FormState {
  /** The title or description has something in it. */
  hasText: boolean;
  /** The latest answer; null before the first one and when there is no text. */
  prediction: Prediction | null;
  /** Id of the category that the user chose, which no answer overrules; "": none, by choice. */
  chosenId: string | null;
}

/** What the result panel says. */
export interface ResultView {
  state: "idle" | "auto" | "suggest" | "new" | "manual";
  title: string;
  detail: string;
  /** Rows with confidence bars below. */
  suggestions: readonly Suggestion[];
  /** Id of the category to mark in the list, null for none. */
  selectedId: string | null;
}

/** The panel for a state. `categories` gives the chosen one its name. */
export function describeResult(state: FormState, categories: readonly Category[]): ResultView {
  const { hasText, prediction, chosenId } = state;
  const chosen = categories.find(({ id }) => id === chosenId);
  const found = hasText && prediction !== null ? prediction.suggestions : [];
  if (chosen !== undefined) {
    return view("manual", chosen.name, "You chose this category.", found, chosen.id);
  }
  if (chosenId === "") {
    return view("manual", "No category", "You took the category away.", found, null);
  }
  if (!hasText || prediction === null) {
    return view("idle", "No category yet", "It appears here as you type.", [], null);
  }
  const { decision, category, categoryId, confidence, suggestions } = prediction;
  if (decision === "auto" && category !== null) {
    const sure = `Selected automatically, ${percent(confidence)} sure.`;
    return view("auto", category, sure, suggestions, categoryId);
  }
  if (suggestions.length === 0) {
    return view("suggest", "Nothing to go by yet", "A few more letters will do.", [], null);
  }
  if (decision === "new") {
    const hint = "Create a category for it, or take the closest one.";
    return view("new", "This may be something new", hint, suggestions, null);
  }
  return view(
    "suggest",
    "Is it one of these?",
    "Not sure enough to select one.",
    suggestions,
    null,
  );
}

/** 0.934 as "93 %"; only what is certain is "100 %" or "0 %". */
export function percent(share: number): string {
  if (share < 1 && share >= 0.995) return ">99 %";
  if (share > 0 && share < 0.005) return "<1 %";
  return `${String(Math.round(share * 100))} %`;
}

/** An error's message as the beginning of a sentence; an address keeps its letters. */
export function sentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^\w+:\/\//.test(message) ? message : message.charAt(0).toUpperCase() + message.slice(1);
}

/** What a screen reader is told of a view, in one sentence. */
export function announce(view: ResultView): string {
  const best = view.suggestions[0];
  switch (view.state) {
    case "auto":
    case "manual":
      return `${view.title}. ${view.detail}`;
    case "suggest":
    case "new":
      return best === undefined
        ? ""
        : `${view.title} ${String(view.suggestions.length)} suggestions, first: ${best.category}, ` +
            `${percent(best.confidence)}.`;
    case "idle":
      return "";
  }
}

function view(
  state: ResultView["state"],
  title: string,
  detail: string,
  suggestions: readonly Suggestion[],
  selectedId: string | null,
): ResultView {
  return { state, title, detail, suggestions, selectedId };
}
