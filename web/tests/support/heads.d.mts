import type { FineTuned } from "../../src/types.js";

/**
 * A fine-tuning whose heads put one of the base's categories far ahead of the others, whatever the
 * text; models/FORMAT.md draws the file.
 */
export function fineTuningFor(
  baseVersion: string,
  categories: readonly string[],
  favourite: string,
): FineTuned & { taughtUpTo: number };
