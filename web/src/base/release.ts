/**
 * Gives memory back at once instead of when the garbage collector comes by, which in a worker that
 * has nothing to do may be never. `bytes` are empty afterwards. A part of a larger buffer is left as
 * it is.
 */
export function release(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (bytes.byteLength === 0 || bytes.byteLength !== buffer.byteLength) return;
  // It goes with a message that nobody receives. ArrayBuffer.prototype.transfer() would not do:
  // Chromium keeps the memory of a buffer that was hashed or came from the network.
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(null, [buffer as ArrayBuffer]);
  port1.close();
  port2.close();
}
