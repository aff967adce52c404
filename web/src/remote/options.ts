import { invalidType } from "../base/invalid_type.js";
import { SmartSynchError } from "../errors.js";

/** Options of `RemoteSynch.create`. */
export interface RemoteOptions {
  /** The server's address, such as `"https://tasks.example/smartsynch/"`; `v1/…` is put behind it. */
  baseUrl: string | URL;
  /** Sent as bearer token; servers that ask for one refuse feedback without it. */
  key?: string | undefined;
  /** Who uses this: the same user sees the same arm of an experiment. At most 50 letters. */
  user?: string | undefined;
  /** Which tier the server answers with; default: its own default. */
  tier?: "full" | "instant" | undefined;
  /** Milliseconds for one attempt, its answer read to the end. Default 10,000. */
  timeoutMs?: number | undefined;
  /** How often a call that found no server, or a busy one, is tried again. Default 3. */
  retries?: number | undefined;
  /** Milliseconds before the first repetition, doubled for each further one. Default 200. */
  backoffMs?: number | undefined;
  /** Tasks in one request of `predictBatch`, 1 to 10,000. Default 500. */
  batchSize?: number | undefined;
  /** Ends `create`. */
  signal?: AbortSignal | undefined;
  /** Instead of the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** Options with their defaults. */
export interface CheckedOptions {
  baseUrl: URL;
  key: string | undefined;
  user: string | undefined;
  tier: "full" | "instant" | undefined;
  timeoutMs: number;
  retries: number;
  backoffMs: number;
  batchSize: number;
  fetch: typeof globalThis.fetch;
}

/** @throws SmartSynchError `invalid_argument`, naming the option. */
export function checkRemoteOptions(options: RemoteOptions): CheckedOptions {
  const candidate: unknown = options;
  if (typeof candidate !== "object" || candidate === null) {
    throw invalidType("options", "an object with a baseUrl", candidate);
  }
  if (options.tier !== undefined && !["full", "instant"].includes(options.tier)) {
    throw invalid("tier", `is ${JSON.stringify(options.tier)}, expected "full" or "instant"`);
  }
  return {
    baseUrl: checkUrl(options.baseUrl),
    key: checkText("key", options.key, 1000),
    user: checkText("user", options.user, 50),
    tier: options.tier,
    timeoutMs: checkNumber("timeoutMs", options.timeoutMs, 10_000, 1, 0x7fff_ffff),
    retries: checkNumber("retries", options.retries, 3, 0, 100),
    backoffMs: checkNumber("backoffMs", options.backoffMs, 200, 0, 60_000),
    batchSize: checkNumber("batchSize", options.batchSize, 500, 1, 10_000),
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
  };
}

function invalid(name: string, what: string): SmartSynchError {
  return new SmartSynchError("invalid_argument", `options.${name} ${what}`, `options.${name}`);
}

function checkUrl(baseUrl: unknown): URL {
  if (typeof baseUrl !== "string" && !(baseUrl instanceof URL)) {
    throw invalidType("options.baseUrl", "a URL", baseUrl);
  }
  // A page may name a folder of its own host.
  const page = (globalThis as { location?: { href: string } }).location?.href;
  let url: URL;
  try {
    url = new URL(baseUrl, page);
  } catch (cause) {
    throw new SmartSynchError(
      "invalid_argument",
      `options.baseUrl is ${JSON.stringify(baseUrl)}, expected a URL`,
      "options.baseUrl",
      { cause },
    );
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalid("baseUrl", `has the scheme ${url.protocol}, expected http: or https:`);
  }
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function checkText(name: string, value: unknown, most: number): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw invalidType(`options.${name}`, "a string", value);
  if (value.length > most) {
    throw invalid(name, `has ${String(value.length)} letters, expected up to ${String(most)}`);
  }
  return value;
}

function checkNumber(
  name: string,
  value: unknown,
  otherwise: number,
  least: number,
  most: number,
): number {
  if (value === undefined) return otherwise;
  if (typeof value !== "number") throw invalidType(`options.${name}`, "a number", value);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw invalid(name, `is ${String(value)}, expected ${String(least)} to ${String(most)}`);
  }
  return value;
}
