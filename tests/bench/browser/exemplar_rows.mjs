// An exemplar file (models/FORMAT.md) with another number of rows, for timing: every category's rows
// are repeated until there are enough.
import { createHash } from "node:crypto";

/** The file with `wanted` rows, and how many it had. */
export function withRows(file, wanted) {
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.toString("utf8", 8, 8 + length));
  const counts = JSON.parse(header.__metadata__.counts);
  const rows = counts.reduce((a, b) => a + b);
  const widened = counts.map((count) => Math.floor((count * wanted) / rows));
  for (let c = 0; widened.reduce((a, b) => a + b) < wanted; c += 1)
    widened[c % widened.length] += 1;
  const order = [];
  let start = 0;
  counts.forEach((count, c) => {
    for (let i = 0; i < widened[c]; i += 1) order.push(start + (i % count));
    start += count;
  });
  const names = Object.keys(header).filter((name) => name !== "__metadata__");
  names.sort((a, b) => header[a].data_offsets[0] - header[b].data_offsets[0]);
  const data = [];
  let end = 0;
  for (const name of names) {
    const { shape, data_offsets: at } = header[name];
    let bytes = file.subarray(8 + length + at[0], 8 + length + at[1]);
    if (shape.length === 2) {
      const row = bytes.length / rows;
      bytes = Buffer.concat(order.map((r) => bytes.subarray(r * row, (r + 1) * row)));
      shape[0] = wanted;
    }
    data.push(bytes);
    header[name].data_offsets = [end, end + bytes.length];
    end += bytes.length;
  }
  header.__metadata__.counts = JSON.stringify(widened);
  const whole = (sha256) => {
    header.__metadata__.content_sha256 = sha256;
    let text = JSON.stringify(header);
    text += " ".repeat((8 - (text.length % 8)) % 8);
    const begin = Buffer.alloc(8);
    begin.writeBigUInt64LE(BigInt(text.length));
    return Buffer.concat([begin, Buffer.from(text), ...data]);
  };
  const sha256 = createHash("sha256")
    .update(whole("0".repeat(64)))
    .digest("hex");
  return { bytes: whole(sha256), rows };
}
