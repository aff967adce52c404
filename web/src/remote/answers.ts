import type { Category, Prediction } from "../types.js";
import { problemError, RemoteError } from "./remote_error.js";

/** Checks the shape of what a server sent, so that a wrong address does not look like an answer. */
export function readPrediction(value: unknown, url: string): Prediction {
  const candidate = value as Partial<Prediction> | null;
  if (
    typeof candidate !== "object" ||
    candidate === null ||
    typeof candidate.decision !== "string" ||
    typeof candidate.confidence !== "number" ||
    typeof candidate.modelVersion !== "string" ||
    !Array.isArray(candidate.suggestions)
  ) {
    throw unexpected("a prediction", url);
  }
  return value as Prediction;
}

/** One row of a batch; `index` counts in the caller's whole list. */
export function readRow(value: unknown, index: number, url: string): Prediction {
  const { error } = (value ?? {}) as { error?: unknown };
  if (error === undefined) return readPrediction(value, url);
  const { status } = (error ?? {}) as { status?: unknown };
  const problem = problemError(url, typeof status === "number" ? status : 200, error);
  const field = `tasks[${String(index)}]${problem.field === "" ? "" : `.${problem.field}`}`;
  throw new RemoteError(problem.codeName, problem.message, { url, status: problem.status, field });
}

/** The model's version and categories. */
export function readCategories(
  value: unknown,
  url: string,
): { modelVersion: string; categories: Category[] } {
  const { modelVersion, categories } = (value ?? {}) as Record<string, unknown>;
  const fine =
    typeof modelVersion === "string" &&
    Array.isArray(categories) &&
    categories.every((one: Partial<Category> | null) => typeof one?.id === "string");
  if (!fine) throw unexpected("the categories", url);
  return { modelVersion, categories: categories as Category[] };
}

/** The category that a change was about. */
export function readCategory(value: unknown, url: string): Category {
  const { id, name } = (value ?? {}) as Record<string, unknown>;
  if (typeof id !== "string" || typeof name !== "string") throw unexpected("a category", url);
  return { id, name };
}

/** The number under which feedback was stored; 0 while the server keeps it for its store. */
export function readSequence(value: unknown, url: string): number {
  const { outcome, sequence } = (value ?? {}) as Record<string, unknown>;
  if (typeof outcome !== "string") throw unexpected("the feedback's outcome", url);
  return typeof sequence === "number" ? sequence : 0;
}

/** The error for an answer of another shape. */
export function unexpected(what: string, url: string): RemoteError {
  return new RemoteError("invalid_data", `${url} answered something else than ${what}`, {
    url,
    status: 200,
  });
}
