import { SmartSynchError } from "../errors.js";
import type { CreateOptions } from "../types.js";

/** `now`: as soon as the instant tier can answer; `later`: when asked for; `never`: not at all. */
export type FullTierStart = "now" | "later" | "never";

/**
 * When the large files are fetched, by the options and by what the browser says of its connection.
 * @throws SmartSynchError `invalid_argument` for an unknown `fullTier`.
 */
export function fullTierStart(
  { encoder = true, fullTier = "auto" }: Pick<CreateOptions, "encoder" | "fullTier">,
  saveData = asksToSaveData(),
): FullTierStart {
  if (!["auto", "always", "never"].includes(fullTier)) {
    const message = `fullTier is ${fullTier}, expected "auto", "always" or "never"`;
    throw new SmartSynchError("invalid_argument", message, "options.fullTier");
  }
  if (!encoder || fullTier === "never") return "never";
  return fullTier === "auto" && saveData ? "later" : "now";
}

/** The Network Information API, which not every browser has. */
export function asksToSaveData(): boolean {
  const { navigator } = globalThis as { navigator?: { connection?: { saveData?: boolean } } };
  return navigator?.connection?.saveData === true;
}
