import { anySignal } from "../base/abort.js";
import type { CheckedOptions } from "./options.js";
import { problemError, RemoteError } from "./remote_error.js";

/** What is sent. */
export interface Call {
  method: "GET" | "POST" | "DELETE";
  /** Below the base, such as `"v1/predict"`. */
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** Answers that say "later": too many requests, bad gateway, unavailable, gateway timeout. */
const PASSING = new Set([429, 502, 503, 504]);

const LONGEST_WAIT_MS = 30_000;

/**
 * Sends a call until it is answered: where no server answers, in time and to the end, or a busy one
 * does, it is sent again after a pause. Every call may therefore arrive more than once.
 */
export class HttpCaller {
  readonly #options: CheckedOptions;

  constructor(options: CheckedOptions) {
    this.#options = options;
  }

  /**
   * The answer's JSON.
   * @throws RemoteError, or the signal's reason.
   */
  async call(call: Call): Promise<unknown> {
    for (let attempt = 0; ; attempt += 1) {
      call.signal?.throwIfAborted();
      const answer = await this.#attempt(call);
      if (!("error" in answer)) return answer.value;
      if (answer.waitMs === null || attempt >= this.#options.retries) throw answer.error;
      await pause(Math.max(answer.waitMs, this.#backoff(attempt)), call.signal);
    }
  }

  /** Doubles, and spreads, so that clients of a server that comes back do not all ask at once. */
  #backoff(attempt: number): number {
    const most = Math.min(this.#options.backoffMs * 2 ** attempt, LONGEST_WAIT_MS);
    return most * (0.5 + Math.random() / 2);
  }

  /** `waitMs`: null when the call is not to be repeated. */
  async #attempt(
    call: Call,
  ): Promise<{ value: unknown } | { error: RemoteError; waitMs: number | null }> {
    const url = new URL(call.path, this.#options.baseUrl).href;
    const timeout = AbortSignal.timeout(this.#options.timeoutMs);
    try {
      const response = await this.#options.fetch(url, {
        ...this.#request(call),
        signal: anySignal(call.signal, timeout),
      });
      const body = parse(await response.text());
      if (!response.ok) {
        const waitMs = PASSING.has(response.status) ? retryAfterMs(response) : null;
        return { error: problemError(url, response.status, body), waitMs };
      }
      if (body !== undefined) return { value: body };
      const at = { url, status: response.status };
      const message = "the server's answer is not JSON; is this SmartSynch's address?";
      return { error: new RemoteError("invalid_data", message, at), waitMs: null };
    } catch (cause) {
      call.signal?.throwIfAborted();
      const late = timeout.aborted ? ` within ${String(this.#options.timeoutMs)} ms` : "";
      const message = `${url} did not answer${late}`;
      const at = { url, status: 0 };
      return { error: new RemoteError("unavailable", message, at, { cause }), waitMs: 0 };
    }
  }

  #request({ method, body, headers }: Call): RequestInit {
    const { key } = this.#options;
    return {
      method,
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function retryAfterMs(response: Response): number {
  const seconds = Number(response.headers.get("retry-after") ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, LONGEST_WAIT_MS) : 0;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      // The reason is the caller's own value.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal?.aborted === true) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
