import type { Category, Prediction } from "../types.js";

/** Lead in probability that another category needs; see {@link steadyDecision}. */
export const DEFAULT_MARGIN = 0.1;

/**
 * What a field shows next, so that a selection does not flicker while letters come. `shown` is the
 * category selected now, null for none.
 *
 * - Nothing selected, or the same again: the answer as it is.
 * - Another category would be selected: only if it leads the one shown by `margin`.
 * - The instant tier has merely become unsure (`"suggest"`): the selection stays until another
 *   category leads it by `margin`, since the text is unfinished and the full tier is about to speak.
 * - The full tier is unsure, or the answer is `"new"` or empty: the selection goes. Holding it there
 *   would break the precision that the full tier's threshold was fitted for.
 *
 * A held selection keeps the answer's suggestions and novelty; its `confidence` is its own in them.
 */
export function steadyDecision(
  next: Prediction,
  shown: Category | null,
  margin: number,
): Prediction {
  if (shown === null || next.categoryId === shown.id) return next;
  const best = next.suggestions[0];
  if (best === undefined || next.decision === "new") return next;
  if (next.decision === "suggest" && next.tier === "full") return next;
  const own = next.suggestions.find(({ categoryId }) => categoryId === shown.id);
  const confidence = own?.confidence ?? 0;
  const isBeaten = best.categoryId !== shown.id && best.confidence - confidence >= margin;
  if (isBeaten) return next;
  return { ...next, decision: "auto", category: shown.name, categoryId: shown.id, confidence };
}
