import { AssetError } from "../errors.js";
import type { FileRequest } from "./manifest.js";
import { describe, verifyAsset } from "./verify.js";

/** Called for every piece; `totalBytes` is 0 when unknown. */
export type OnBytes = (loadedBytes: number, totalBytes: number) => void;

/** How a file is got; the page fetches, Node may also read from disk. */
export type AssetLoader = (
  request: FileRequest,
  options: LoadOptions,
) => Promise<Uint8Array<ArrayBuffer>>;

export interface LoadOptions {
  signal?: AbortSignal | undefined;
  onBytes?: OnBytes | undefined;
  /** Takes every piece as it comes from the network, before anything is checked. */
  onChunk?: ((chunk: Uint8Array<ArrayBuffer>) => void) | undefined;
  /** Past the browser's HTTP cache. */
  refresh?: boolean | undefined;
}

/** The full tier's files are large and not needed for the first answer. */
const LOW_PRIORITY: readonly string[] = ["runtime", "encoder"];

/**
 * Fetches a file and checks it before anybody uses it.
 * @throws AssetError naming address and status: `unavailable` when the server does not answer with
 * the file, `invalid_data` when it answers with another one. The signal's reason when it fires.
 */
export const fetchAsset: AssetLoader = async (request, options) => {
  const { signal, refresh } = options;
  const response = await open(request, signal, refresh);
  const at = { url: request.url, status: response.status };
  if (!response.ok) {
    throw new AssetError("unavailable", `${describe(at)} could not be loaded`, at);
  }
  const type = response.headers.get("content-type") ?? "";
  if (/^text\/html\b/i.test(type)) {
    throw new AssetError(
      "invalid_data",
      `${describe(at)} is an HTML page, not the ${request.name} file`,
      at,
    );
  }
  const bytes = await readBody(response, request, options);
  await verifyAsset(request, bytes, response.status);
  return bytes;
};

async function open(
  request: FileRequest,
  signal?: AbortSignal,
  refresh = false,
): Promise<Response> {
  const init: RequestInit = { cache: refresh ? "reload" : "default" };
  if (LOW_PRIORITY.includes(request.name)) init.priority = "low";
  if (signal !== undefined) init.signal = signal;
  try {
    return await fetch(request.url, init);
  } catch (cause) {
    signal?.throwIfAborted();
    const at = { url: request.url, status: 0 };
    throw new AssetError("unavailable", `${request.url} could not be reached`, at, { cause });
  }
}

async function readBody(
  response: Response,
  request: FileRequest,
  { signal, onBytes, onChunk }: LoadOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  // Of a compressed answer, Content-Length counts the compressed bytes.
  const encoded = response.headers.has("content-encoding");
  const announced = encoded ? 0 : Number(response.headers.get("content-length") ?? 0);
  const total = request.bytes ?? announced;
  // Where the size is not known, it grows.
  let bytes = new Uint8Array(request.bytes ?? 0);
  let loaded = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const piece = await reader?.read().catch((cause: unknown) => {
      signal?.throwIfAborted();
      const at = { url: request.url, status: response.status };
      const message = `${describe(at)} broke off after ${String(loaded)} bytes`;
      throw new AssetError("unavailable", message, at, { cause });
    });
    if (piece?.value === undefined) break;
    const chunk = piece.value;
    const needed = loaded + chunk.byteLength;
    if (needed > bytes.byteLength) bytes = grown(bytes, Math.max(needed, 2 * bytes.byteLength));
    bytes.set(chunk, loaded);
    loaded = needed;
    onChunk?.(chunk);
    onBytes?.(loaded, total);
  }
  return loaded === bytes.byteLength ? bytes : bytes.slice(0, loaded);
}

function grown(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(bytes);
  return larger;
}
