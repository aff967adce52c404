import { AssetError } from "../errors.js";

/**
 * The base model's exemplars, fetched when a fine-tuning first needs them. The file holds the hash of
 * its own content, which the core checks.
 * @throws AssetError `unavailable` with the HTTP status, 0 when the server cannot be reached.
 */
export async function fetchExemplars(url: URL, signal?: AbortSignal): Promise<Uint8Array> {
  const failed = (status: number, cause?: unknown): AssetError =>
    new AssetError(
      "unavailable",
      `${url.href}: the exemplars could not be fetched`,
      { url: url.href, status },
      { cause },
    );
  let response: Response;
  try {
    response = await fetch(url, signal === undefined ? {} : { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw failed(0, cause);
  }
  if (!response.ok) throw failed(response.status);
  return new Uint8Array(await response.arrayBuffer());
}
