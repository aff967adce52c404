/**
 * Node.js that is too old is refused by its version, not by whatever is missing first.
 * @module
 */
import { SmartSynchError } from "../errors.js";

/** As in package.json's `engines`. */
const OLDEST: readonly [number, number] = [20, 19];

/** Throws unless `version`, such as "20.19.5", is new enough. */
export function checkNodeVersion(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  const message = `this is Node.js ${version}, expected ${OLDEST.join(".")} or later`;
  throw new SmartSynchError("incompatible", message);
}
