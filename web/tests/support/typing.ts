import { vi } from "vitest";

import type { CheckedTask } from "../../src/base/tasks.js";
import { TypingSession } from "../../src/base/typing_session.js";
import { SmartSynchError } from "../../src/errors.js";
import type { FieldOptions, Prediction } from "../../src/types.js";
import { predictionFor } from "./predictions.js";

interface FullCall {
  title: string;
  signal: AbortSignal;
  resolve: (prediction: Prediction | null) => void;
  reject: (error: Error) => void;
}

/** A session whose full answers stay open until the test gives them. */
export function setUpSession(options?: FieldOptions): {
  session: TypingSession;
  full: FullCall[];
  instant: string[];
  seen: string[];
  failures: unknown[];
  listen: () => Promise<void>;
  closed: () => number;
} {
  const full: FullCall[] = [];
  const instant: string[] = [];
  const seen: string[] = [];
  const failures: unknown[] = [];
  let closed = 0;
  const session = new TypingSession(
    {
      instant: ({ title }: CheckedTask) => {
        instant.push(title);
        if (title === "broken") throw new SmartSynchError("internal", "broken");
        const prediction = predictionFor(title, "instant");
        return title.startsWith("unsure") ? prediction : selecting(prediction);
      },
      full: ({ title }, signal) =>
        new Promise((resolve, reject) => {
          full.push({ title, signal, resolve, reject });
        }),
      onClose: () => {
        closed += 1;
      },
    },
    options,
  );
  const listen = async (): Promise<void> => {
    try {
      for await (const { tier, modelVersion } of session) seen.push(`${tier} ${modelVersion}`);
      seen.push("end");
    } catch (error) {
      failures.push(error);
    }
  };
  return { session, full, instant, seen, failures, listen, closed: () => closed };
}

/** The instant tier sure of itself, so that nothing is asked before the pause. */
function selecting(prediction: Prediction): Prediction {
  return { ...prediction, decision: "auto", category: "Design", categoryId: "design" };
}

export const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);
export const pause = (ms = 120): Promise<void> =>
  vi.advanceTimersByTimeAsync(ms).then(() => undefined);
