/**
 * What is chosen, by whom, and what stood before: pure functions, no DOM. A choice made by hand is
 * never changed by a prediction.
 * @module
 */
import type { Prediction } from "../types.js";

/** Who made a choice; `none` while nobody has. */
export type ChosenBy = "none" | "auto" | "manual";

interface Standing {
  /** Category id; empty for none. */
  value: string;
  by: ChosenBy;
}

export interface Choice extends Standing {
  /** What `undo` goes back to; null when there is nothing to undo. */
  former: Standing | null;
  /** Auto-selections that the user took back; they are not made again. */
  dismissed: readonly string[];
}

/** The choice of a fresh form: `value` is its default. */
export function initialChoice(value = ""): Choice {
  return { value, by: value === "" ? "none" : "manual", former: null, dismissed: [] };
}

/** A choice by hand; an empty id takes the category away, and that too stays. */
export function choose(choice: Choice, value: string): Choice {
  if (choice.by === "manual" && choice.value === value) return choice;
  const former = choice.value === value ? choice.former : { value: choice.value, by: choice.by };
  return { ...choice, value, by: "manual", former };
}

/** What a prediction makes of a choice. */
export function follow(choice: Choice, prediction: Prediction | null): Choice {
  if (choice.by === "manual") return choice;
  const proposed = prediction?.decision === "auto" ? (prediction.categoryId ?? "") : "";
  const value = choice.dismissed.includes(proposed) ? "" : proposed;
  if (value === choice.value) return choice;
  if (value === "") return { ...choice, value, by: "none", former: null };
  return { ...choice, value, by: "auto", former: { value: "", by: "none" } };
}

/** Takes the latest choice back; the same object when there is none to take back. */
export function undo(choice: Choice): Choice {
  if (choice.former === null) return choice;
  const dismissed = choice.by === "auto" ? [...choice.dismissed, choice.value] : choice.dismissed;
  return { ...choice.former, former: null, dismissed };
}
