import { AssetError } from "../errors.js";
import type { FileRequest } from "./manifest.js";

const WASM: readonly string[] = ["core", "runtime", "fineTune"];
const WASM_MAGIC = [0x00, 0x61, 0x73, 0x6d] as const;

/**
 * Checks that the bytes are the file asked for: the magic number of WebAssembly, then the SHA-256 of
 * the build where it is known and the page may compute one (`crypto.subtle` exists in secure
 * contexts only).
 * @throws AssetError `invalid_data`, naming address, status and what was found.
 */
export async function verifyAsset(
  request: FileRequest,
  bytes: Uint8Array<ArrayBuffer>,
  status: number,
): Promise<void> {
  const at = { url: request.url, status };
  const isWasm = WASM.includes(request.name);
  if (isWasm && !WASM_MAGIC.every((byte, index) => bytes[index] === byte)) {
    throw new AssetError(
      "invalid_data",
      `${describe(at)} is not a WebAssembly file: it begins with ${hex(bytes.subarray(0, 4))}`,
      at,
    );
  }
  if (request.sha256 === undefined) return;
  const found = await sha256(bytes);
  if (found !== undefined && found !== request.sha256) {
    throw new AssetError(
      "invalid_data",
      `${describe(at)} is another file than this build was made with: ` +
        `SHA-256 ${found}, expected ${request.sha256}`,
      at,
    );
  }
}

/** Hexadecimal SHA-256; undefined where the platform offers none. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  // The type says "always there", but outside secure contexts it is not.
  const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) return undefined;
  return hex(new Uint8Array(await subtle.digest("SHA-256", bytes)));
}

/** "https://… (HTTP 200)", the way every asset error begins. */
export function describe(at: { url: string; status: number }): string {
  return at.status === 0 ? at.url : `${at.url} (HTTP ${String(at.status)})`;
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
