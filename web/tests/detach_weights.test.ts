import { describe, expect, it } from "vitest";

import { detachWeights } from "../src/encoder/detach_weights.js";
import { delimitedField, fieldsOf, joined, varintField } from "../src/encoder/protobuf.js";

const INT8 = 3;
const FLOAT = 1;
const [ROWS, COLUMNS] = [300, 256];

const codes = Int8Array.from({ length: ROWS * COLUMNS }, (_, i) => (i * 37) % 256);
const perColumn = Float32Array.from({ length: COLUMNS }, (_, i) => Math.fround(0.1 / (i + 3)));
const bytesOf = (values: Float32Array | Int8Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function tensor(name: string, type: number, dims: number[], raw: Uint8Array): Uint8Array {
  const shape = dims.map((size) => varintField(1, size));
  return delimitedField(
    5,
    joined([...shape, varintField(2, type), delimitedField(8, name), delimitedField(9, raw)]),
  );
}

function node(op: string, inputs: string[], output: string, ...more: Uint8Array[]): Uint8Array {
  const names = inputs.map((name) => delimitedField(1, name));
  const rest = [delimitedField(2, output), delimitedField(4, op), ...more];
  return delimitedField(1, joined([...names, ...rest]));
}

const toFloat = delimitedField(5, joined([delimitedField(1, "to"), varintField(3, FLOAT)]));
const cast = node("Cast", ["w.codes"], "w.float", toFloat);
const product = node("Mul", ["w.float", "w.scale"], "w");
const use = node("MatMul", ["x", "w"], "y");
const codesTensor = tensor("w.codes", INT8, [ROWS, COLUMNS], bytesOf(codes));
const scaleTensor = tensor("w.scale", FLOAT, [1, COLUMNS], bytesOf(perColumn));
const bias = tensor("b", FLOAT, [COLUMNS], bytesOf(perColumn));

/** A first byte that says another one follows. */
const cutNumber = Uint8Array.from([0x80]);

function model(...graph: Uint8Array[]): Uint8Array {
  return joined([varintField(1, 8), delimitedField(7, joined(graph)), delimitedField(2, "me")]);
}

interface Found {
  nodes: string[];
  tensors: Record<string, { dims: number[]; type: number; raw: boolean; location: string }>;
}

/** What is in a graph, read with the field numbers of onnx.proto. */
function look(bytes: Uint8Array): Found {
  const decode = (content: Uint8Array): string => new TextDecoder().decode(content);
  const found: Found = { nodes: [], tensors: {} };
  const graph = [...fieldsOf(bytes)].find(({ number }) => number === 7);
  for (const { number, content } of fieldsOf(graph?.content ?? new Uint8Array())) {
    const fields = [...fieldsOf(content)];
    const one = (n: number) => fields.find((field) => field.number === n);
    if (number === 1) found.nodes.push(decode(one(4)?.content ?? content));
    if (number !== 5) continue;
    const location = [...fieldsOf(one(13)?.content ?? new Uint8Array())];
    found.tensors[decode(one(8)?.content ?? content)] = {
      dims: fields.filter((field) => field.number === 1).map(({ value }) => value),
      type: one(2)?.value ?? 0,
      raw: one(9) !== undefined,
      location: location.map(({ content: text }) => decode(text)).join("="),
    };
  }
  return found;
}

describe("detachWeights", () => {
  it("computes a rounded weight and leaves out how it was stored", () => {
    const { graph, weights } = detachWeights(
      model(cast, product, use, codesTensor, scaleTensor, bias),
    );
    expect(look(graph)).toEqual({
      nodes: ["MatMul"],
      tensors: {
        b: { dims: [COLUMNS], type: FLOAT, raw: true, location: "" },
        w: { dims: [ROWS, COLUMNS], type: FLOAT, raw: false, location: "location=weight.0" },
      },
    });
    expect(weights.map(({ path }) => path)).toEqual(["weight.0"]);
    const values = new Float32Array(weights[0]?.data.slice().buffer ?? new ArrayBuffer());
    expect(values.length).toBe(codes.length);
    const wrong = values.findIndex(
      (value, i) => value !== Math.fround((codes[i] ?? 0) * (perColumn[i % COLUMNS] ?? 0)),
    );
    expect(wrong).toBe(-1);
  });

  it("takes a scale for each row", () => {
    const perRow = Float32Array.from({ length: ROWS }, (_, i) => i + 1);
    const scale = tensor("w.scale", FLOAT, [ROWS, 1], bytesOf(perRow));
    const { weights } = detachWeights(model(cast, product, use, codesTensor, scale));
    const values = new Float32Array(weights[0]?.data.slice().buffer ?? new ArrayBuffer());
    expect(values[COLUMNS + 1]).toBe((codes[COLUMNS + 1] ?? 0) * 2);
  });

  it("hands a large weight over as it is, without a copy", () => {
    const file = model(node("Gather", ["w.codes", "x"], "y"), codesTensor);
    const { graph, weights } = detachWeights(file);
    expect(look(graph).tensors["w.codes"]).toMatchObject({ type: INT8, raw: false });
    expect(weights).toHaveLength(1);
    expect(weights[0]?.data.buffer).toBe(file.buffer);
    expect(Buffer.compare(weights[0]?.data ?? file, bytesOf(codes))).toBe(0);
  });

  it.each([
    ["something else uses the codes", node("Gather", ["w.codes", "x"], "z"), scaleTensor],
    ["the scale is of another shape", use, tensor("w.scale", FLOAT, [1, 1], bytesOf(perColumn))],
    ["the scale is cut", use, tensor("w.scale", FLOAT, [1, COLUMNS], new Uint8Array(6))],
    ["the scale is no constant", use, bias],
  ])("keeps the steps where %s", (_, extra, scale) => {
    const { graph } = detachWeights(model(cast, product, extra, codesTensor, scale));
    expect(look(graph).nodes).toContain("Cast");
    expect(look(graph).nodes).toContain("Mul");
    expect(look(graph).tensors["w.codes"]).toBeDefined();
  });

  it("leaves a graph alone that has graphs within", () => {
    const branch = delimitedField(5, joined([delimitedField(1, "body"), delimitedField(6, "")]));
    const file = model(
      cast,
      product,
      use,
      node("If", ["x"], "z", branch),
      codesTensor,
      scaleTensor,
    );
    expect(detachWeights(file)).toEqual({ graph: file, weights: [] });
  });

  it.each([
    ["nothing", new Uint8Array()],
    ["an HTML page", new TextEncoder().encode("<!doctype html><title>404</title>")],
    ["a file that is cut", model(cast, product, use, codesTensor, scaleTensor).subarray(0, 5000)],
    ["a number without end", new Uint8Array(40).fill(255)],
    ["a packed shape that is cut", model(delimitedField(5, delimitedField(1, cutNumber)))],
  ])("gives back %s as it is", (_, bytes) => {
    expect(detachWeights(bytes)).toEqual({ graph: bytes, weights: [] });
  });
});

describe("fieldsOf", () => {
  it("reads every kind and keeps the bytes", () => {
    const fixed = Uint8Array.from([
      (3 << 3) | 5,
      1,
      2,
      3,
      4,
      (4 << 3) | 1,
      ...new Uint8Array(8).fill(7),
    ]);
    const message = joined([varintField(1, 300), delimitedField(1000, "ä"), fixed]);
    const fields = [...fieldsOf(message)];
    expect(fields.map(({ number }) => number)).toEqual([1, 1000, 3, 4]);
    expect(fields[0]?.value).toBe(300);
    expect(new TextDecoder().decode(fields[1]?.content)).toBe("ä");
    expect(joined(fields.map(({ bytes }) => bytes))).toEqual(message);
  });

  it("refuses what ends too early", () => {
    expect(() => [...fieldsOf(Uint8Array.from([0x80]))]).toThrow(RangeError);
    expect(() => [...fieldsOf(Uint8Array.from([(1 << 3) | 2, 9, 0]))]).toThrow(RangeError);
    expect(() => [...fieldsOf(Uint8Array.from([(1 << 3) | 3]))]).toThrow(RangeError);
  });
});
