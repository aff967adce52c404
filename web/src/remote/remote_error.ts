import { ErrorCode, type ErrorCodeName, SmartSynchError } from "../errors.js";

/** The server refused a call, could not be reached, or answered something else than promised. */
export class RemoteError extends SmartSynchError {
  override readonly name = "RemoteError";
  /** The request's address. */
  readonly url: string;
  /** HTTP status of the answer; 0 when there was none. */
  readonly status: number;

  constructor(
    codeName: ErrorCodeName,
    message: string,
    at: { url: string; status: number; field?: string },
    options?: ErrorOptions,
  ) {
    super(codeName, message, at.field ?? "", options);
    this.url = at.url;
    this.status = at.status;
  }
}

/** What a problem document (RFC 9457) says; `body` is whatever came. */
export function problemError(url: string, status: number, body: unknown): RemoteError {
  const problem = (typeof body === "object" && body !== null ? body : {}) as Record<
    string,
    unknown
  >;
  const { code, detail, title, field } = problem;
  const said = [detail, title].find((text) => typeof text === "string" && text !== "");
  const message = typeof said === "string" ? said : `the server answered ${String(status)}`;
  const codeName =
    typeof code === "string" && code in ErrorCode ? (code as ErrorCodeName) : codeOf(status);
  return new RemoteError(codeName, message, {
    url,
    status,
    field: typeof field === "string" ? field : "",
  });
}

function codeOf(status: number): ErrorCodeName {
  if (status === 404) return "not_found";
  if (status === 409) return "already_exists";
  if (status === 413) return "resource_exhausted";
  if (status === 429 || status >= 502) return "unavailable";
  return status >= 500 ? "internal" : "invalid_argument";
}
