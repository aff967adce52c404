/**
 * Typed errors. Every failure of SmartSynch is a {@link SmartSynchError} with a `code`, or, where an
 * `AbortSignal` ended the call, the signal's reason.
 * @module
 */

/** The numbers are those of the C++ core (`smartsynch/base/status.h`) and never change. */
export const ErrorCode = {
  invalid_argument: 1,
  invalid_data: 2,
  invalid_vocabulary: 3,
  invalid_model: 4,
  incompatible: 5,
  unsupported_version: 6,
  not_found: 7,
  already_exists: 8,
  cancelled: 9,
  unavailable: 10,
  io: 11,
  resource_exhausted: 12,
  internal: 13,
} as const;

/** Name of an error code, such as `"invalid_model"`. */
export type ErrorCodeName = keyof typeof ErrorCode;

/** Number of an error code. */
export type ErrorCodeNumber = (typeof ErrorCode)[ErrorCodeName];

/**
 * A failed call.
 *
 * @example
 * ```ts
 * try {
 *   await synch.addCategory({ name: "" });
 * } catch (error) {
 *   if (error instanceof SmartSynchError && error.field === "name") showNameHint(error.message);
 *   else throw error;
 * }
 * ```
 */
export class SmartSynchError extends Error {
  override readonly name: string = "SmartSynchError";
  readonly code: ErrorCodeNumber;
  readonly codeName: ErrorCodeName;
  /** The offending input by path, such as `"tasks[3].title"`; empty when no single one is. */
  readonly field: string;

  constructor(codeName: ErrorCodeName, message: string, field = "", options?: ErrorOptions) {
    super(message, options);
    this.code = ErrorCode[codeName];
    this.codeName = codeName;
    this.field = field;
  }
}

/** A file could not be loaded or is not what it should be. */
export class AssetError extends SmartSynchError {
  override readonly name = "AssetError";
  /** The file's address. */
  readonly url: string;
  /** HTTP status of the answer; 0 when there was none. */
  readonly status: number;

  constructor(
    codeName: ErrorCodeName,
    message: string,
    at: { url: string; status: number },
    options?: ErrorOptions,
  ) {
    super(codeName, message, "", options);
    this.url = at.url;
    this.status = at.status;
  }
}

/** What anything thrown becomes: errors stay as they are, the rest is wrapped. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new SmartSynchError("internal", String(thrown));
}

/** The error of every call on an instance after `dispose()`. */
export function disposedError(): SmartSynchError {
  return new SmartSynchError("cancelled", "this SmartSynch instance was disposed of");
}

/** The code name of a code from the core; `internal` for one that this build does not know. */
export function codeNameOf(code: number): ErrorCodeName {
  for (const [name, number] of Object.entries(ErrorCode)) {
    if (number === code) return name as ErrorCodeName;
  }
  return "internal";
}
