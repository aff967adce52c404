/**
 * Gives memory back at once instead of when the garbage collector comes by; `bytes` are empty
 * afterwards. Does nothing where they are a part of a larger buffer, or the platform cannot.
 */
export function release(bytes: Uint8Array): void {
  const buffer = bytes.buffer as ArrayBuffer & { transfer?: (length: number) => ArrayBuffer };
  const isWhole = bytes.byteLength > 0 && bytes.byteLength === buffer.byteLength;
  if (isWhole) buffer.transfer?.(0);
}
