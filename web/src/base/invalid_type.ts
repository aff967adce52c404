import { SmartSynchError } from "../errors.js";

/** The error for a value of another type than expected; `field` is the path to it. */
export function invalidType(field: string, expected: string, found: unknown): SmartSynchError {
  const kind = found === null ? "null" : typeof found;
  return new SmartSynchError(
    "invalid_argument",
    `${field} is ${kind}, expected ${expected}`,
    field,
  );
}
