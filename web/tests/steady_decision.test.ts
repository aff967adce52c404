import { describe, expect, it } from "vitest";

import { steadyDecision } from "../src/base/steady_decision.js";
import type { DecisionKind, Prediction, Tier } from "../src/types.js";

const SHOWN = { id: "design", name: "Design" };

/** An answer with these probabilities, best first; `auto` selects the first. */
function answer(tier: Tier, decision: DecisionKind, shares: Record<string, number>): Prediction {
  const suggestions = Object.entries(shares).map(([categoryId, confidence]) => ({
    category: categoryId.toUpperCase(),
    categoryId,
    confidence,
  }));
  const best = decision === "auto" ? suggestions[0] : undefined;
  return {
    decision,
    category: best?.category ?? null,
    categoryId: best?.categoryId ?? null,
    confidence: suggestions[0]?.confidence ?? 0,
    novelty: 0.2,
    suggestions,
    tier,
    modelVersion: "m",
    truncated: false,
  };
}

describe("steadyDecision", () => {
  it("leaves an answer alone when nothing is shown, or the same", () => {
    const first = answer("instant", "suggest", { research: 0.6, design: 0.4 });
    expect(steadyDecision(first, null, 1)).toBe(first);
    const same = answer("full", "auto", { design: 0.95 });
    expect(steadyDecision(same, SHOWN, 1)).toBe(same);
  });

  it.each([
    ["instant", "auto", { research: 0.9, design: 0.05 }, 0.1, null],
    ["instant", "auto", { research: 0.9, design: 0.05 }, 0.9, 0.05],
    ["full", "auto", { research: 0.5, design: 0.45 }, 0.1, 0.45],
    ["full", "auto", { research: 0.5, design: 0.4 }, 0.05, null],
    ["instant", "auto", { research: 0.9 }, 0.95, 0],
    ["instant", "suggest", { design: 0.6, research: 0.3 }, 0, 0.6],
    ["instant", "suggest", { research: 0.45, design: 0.4 }, 0.1, 0.4],
    ["instant", "suggest", { research: 0.6, design: 0.2 }, 0.1, null],
    ["instant", "suggest", { research: 0.4, design: 0.4 }, 0, null],
    ["instant", "suggest", {}, 1, null],
    ["full", "suggest", { design: 0.85, research: 0.1 }, 1, null],
    ["instant", "new", { design: 0.6 }, 1, null],
    ["full", "new", { design: 0.6 }, 1, null],
  ] as const)("%s %s %j at margin %d: held with %s", (tier, decision, shares, margin, held) => {
    const next = answer(tier, decision, shares);
    const steady = steadyDecision(next, SHOWN, margin);
    if (held === null) {
      expect(steady).toBe(next);
    } else {
      expect(steady).toEqual({
        ...next,
        decision: "auto",
        category: "Design",
        categoryId: "design",
        confidence: held,
      });
    }
  });
});
