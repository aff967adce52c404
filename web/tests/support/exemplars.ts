import { sealed, type TensorParts } from "./sealed_file.mjs";

/** Small whole numbers that look random and are the same in every run. */
function codes(count: number): Int8Array {
  const values = new Int8Array(count);
  let state = 12345;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = (state >>> 24) - 128 || 1;
  }
  return values;
}

/**
 * An exemplar file as models/FORMAT.md draws it, of `each` rows a category and as many of the open
 * set: random directions about which the base model's logits are right.
 */
export function exemplarFile(
  modelVersion: string,
  categories: number,
  widths: { full: number; instant: number },
  each = 20,
): Uint8Array {
  const outputs = categories + 1;
  const rows = each * outputs;
  const tensors: TensorParts[] = [];
  for (const [tier, width] of Object.entries(widths)) {
    const logits = new Int8Array(rows * outputs).fill(-60);
    for (let row = 0; row < rows; row++) logits[row * outputs + Math.floor(row / each)] = 100;
    const scale = new Float32Array(outputs).fill(0.05);
    const bytes = (array: Int8Array | Float32Array): Uint8Array =>
      new Uint8Array(array.buffer, 0, array.byteLength);
    tensors.push([`${tier}.logit_scale`, "F32", [outputs], bytes(scale)]);
    tensors.push([`${tier}.directions`, "I8", [rows, width], bytes(codes(rows * width))]);
    tensors.push([`${tier}.logits`, "I8", [rows, outputs], bytes(logits)]);
  }
  return sealed(
    {
      counts: JSON.stringify(new Array<number>(outputs).fill(each)),
      format: "smartsynch-exemplars",
      format_version: "1",
      model_version: modelVersion,
    },
    tensors,
  );
}
