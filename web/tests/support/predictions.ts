import type { Prediction, Tier } from "../../src/types.js";

/** A prediction whose model version names the task, so a test sees whose answer it is. */
export function predictionFor(title: string, tier: Tier): Prediction {
  return {
    decision: "suggest",
    category: null,
    categoryId: null,
    confidence: 0.5,
    novelty: 0.5,
    suggestions: [{ category: "Design", categoryId: "design", confidence: 0.5 }],
    tier,
    modelVersion: title,
    truncated: false,
  };
}
