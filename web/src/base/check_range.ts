import { SmartSynchError } from "../errors.js";
import { invalidType } from "./invalid_type.js";

/**
 * Checks a number that a caller passed; left out is fine.
 * @throws SmartSynchError `invalid_argument`, naming the field.
 */
export function checkRange(field: string, value: unknown, least: number, most = Infinity): void {
  if (value === undefined) return;
  if (typeof value !== "number") throw invalidType(field, "a number", value);
  if (value >= least && value <= most && value < Infinity) return;
  const range = most < Infinity ? `to ${String(most)}` : "or more";
  const message = `${field} is ${String(value)}, expected ${String(least)} ${range}`;
  throw new SmartSynchError("invalid_argument", message, field);
}
