import { createHash } from "node:crypto";

/** A safetensors file with the digest of its own bytes, as models/FORMAT.md draws it. */
export function sealed(metadata, tensors) {
  const zeros = "0".repeat(64);
  const header = { __metadata__: { content_sha256: zeros, ...metadata } };
  let end = 0;
  for (const [name, dtype, shape, { byteLength }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [end, end + byteLength] };
    end += byteLength;
  }
  let text = JSON.stringify(header);
  text += " ".repeat((8 - (text.length % 8)) % 8);
  const length = new Uint8Array(new BigUint64Array([BigInt(text.length)]).buffer);
  const file = (json) =>
    Buffer.concat([length, Buffer.from(json), ...tensors.map(([, , , data]) => data)]);
  const digest = createHash("sha256").update(file(text)).digest("hex");
  return new Uint8Array(file(text.replace(zeros, digest)));
}
