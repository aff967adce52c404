/**
 * Takes the weights out of an ONNX graph, so that ONNX Runtime gets each of them by itself, in the
 * form it is used in. On its own it keeps the file, the parsed file, and every step from a rounded
 * weight to float32 in its memory at once, and WebAssembly memory never shrinks: the encoder needs
 * 42 MB in place of 94 MB this way. The answers' bits are the same.
 *
 * Field numbers are those of onnx.proto (ONNX, IR version 8).
 * @module
 */
import {
  delimitedField,
  type Field,
  fieldsOf,
  joined,
  packedVarints,
  varintField,
} from "./protobuf.js";

/** A file as ONNX Runtime Web's `externalData` takes it. */
export interface DetachedFile {
  path: string;
  data: Uint8Array;
}

export interface DetachedGraph {
  graph: Uint8Array;
  /** Views into the graph's bytes where a weight is used as it is stored. */
  weights: DetachedFile[];
}

interface Tensor {
  name: string;
  dims: number[];
  type: number;
  /** Null where the values are stored in another way than as raw bytes. */
  raw: Uint8Array | null;
  bytes: Uint8Array;
}

interface Node {
  op: string;
  inputs: string[];
  output: string;
  /** Of Cast: the type it makes. */
  to: number;
  hasGraph: boolean;
  bytes: Uint8Array;
}

const FLOAT = 1;
const INT8 = 3;
const EXTERNAL = 1;

/** What is smaller stays: shapes, biases and the like are looked at while the graph is loaded. */
const FEWEST_BYTES = 1 << 16;

/**
 * Every large weight becomes a file beside the graph; an int8 weight that the graph casts to float32
 * and multiplies by a constant scale becomes the product. What is no such graph comes back as it was.
 */
export function detachWeights(model: Uint8Array): DetachedGraph {
  try {
    return detach(model);
  } catch (error) {
    // Not a message at all: ONNX Runtime says so better.
    if (error instanceof RangeError) return { graph: model, weights: [] };
    throw error;
  }
}

function detach(model: Uint8Array): DetachedGraph {
  const modelFields = [...fieldsOf(model)];
  const graph = modelFields.find(({ number }) => number === 7);
  const fields = graph === undefined ? [] : [...fieldsOf(graph.content)];
  const nodes = fields.filter(({ number }) => number === 1).map(readNode);
  const tensors = new Map<string, Tensor>();
  for (const field of fields) {
    if (field.number !== 5) continue;
    const tensor = readTensor(field);
    tensors.set(tensor.name, tensor);
  }
  // A graph within a node may use what stands outside it.
  if (graph === undefined || nodes.some(({ hasGraph }) => hasGraph)) {
    return { graph: model, weights: [] };
  }

  const dropped = new Set<Uint8Array>();
  const added: Uint8Array[] = [];
  const weights: DetachedFile[] = [];
  const addFile = (name: string, type: number, dims: number[], data: Uint8Array): void => {
    const path = `weight.${String(weights.length)}`;
    added.push(externalTensor(name, type, dims, path));
    weights.push({ path, data });
  };
  for (const { cast, product, codes, scale } of findScaled(nodes, tensors)) {
    const values = multiply(codes, scale);
    if (values === null) continue;
    for (const { bytes } of [cast, product, codes, scale]) dropped.add(bytes);
    addFile(product.output, FLOAT, codes.dims, values);
  }
  for (const tensor of tensors.values()) {
    if (dropped.has(tensor.bytes) || (tensor.raw?.length ?? 0) < FEWEST_BYTES) continue;
    dropped.add(tensor.bytes);
    addFile(tensor.name, tensor.type, tensor.dims, tensor.raw ?? new Uint8Array());
  }
  const kept = fields.map(({ bytes }) => bytes).filter((bytes) => !dropped.has(bytes));
  const changed = delimitedField(7, joined([...kept, ...added]));
  const pieces = modelFields.map((field) => (field === graph ? changed : field.bytes));
  return { graph: joined(pieces), weights };
}

interface ScaledWeight {
  cast: Node;
  product: Node;
  codes: Tensor;
  scale: Tensor;
}

/** Mul(Cast(codes), scale) of two constants that nothing else uses. */
function findScaled(nodes: Node[], tensors: Map<string, Tensor>): ScaledWeight[] {
  const uses = new Map<string, number>();
  for (const name of nodes.flatMap(({ inputs }) => inputs)) {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  const casts = new Map(
    nodes.filter(({ op, to }) => op === "Cast" && to === FLOAT).map((node) => [node.output, node]),
  );
  const found: ScaledWeight[] = [];
  for (const product of nodes) {
    const [input = "", factor = ""] = product.inputs;
    const cast = casts.get(input);
    const codes = tensors.get(cast?.inputs[0] ?? "");
    const scale = tensors.get(factor);
    if (product.op !== "Mul" || cast === undefined || codes === undefined || scale === undefined) {
      continue;
    }
    if ([input, codes.name, factor].some((name) => uses.get(name) !== 1)) continue;
    found.push({ cast, product, codes, scale });
  }
  return found;
}

/** Null unless it is an int8 matrix with a float32 scale for each row or each column. */
function multiply(codes: Tensor, scale: Tensor): Uint8Array | null {
  const [rows = 0, columns = 0] = codes.dims;
  const perRow = scale.dims.join() === [rows, 1].join();
  const perColumn = scale.dims.join() === [1, columns].join();
  if (codes.raw === null || scale.raw === null || codes.dims.length !== 2) return null;
  if (codes.type !== INT8 || scale.type !== FLOAT || !(perRow || perColumn)) return null;
  if (codes.raw.length !== rows * columns) return null;
  // A copy, since it may lie anywhere in the file and floats need a multiple of four.
  const factors = new Float32Array(scale.raw.slice().buffer);
  if (factors.length !== (perRow ? rows : columns)) return null;
  const values = new Float32Array(rows * columns);
  const bytes = new Int8Array(codes.raw.buffer, codes.raw.byteOffset, codes.raw.length);
  for (let row = 0, at = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, at += 1) {
      // The product is exact in JavaScript's double, so it is rounded once, as in float32.
      values[at] = (bytes[at] ?? 0) * (factors[perRow ? row : column] ?? 0);
    }
  }
  return new Uint8Array(values.buffer);
}

function readNode({ bytes, content }: Field): Node {
  const node: Node = { op: "", inputs: [], output: "", to: 0, hasGraph: false, bytes };
  for (const field of fieldsOf(content)) {
    if (field.number === 1) node.inputs.push(text(field));
    else if (field.number === 2) node.output = text(field);
    else if (field.number === 4) node.op = text(field);
    else if (field.number === 5) readAttribute(field, node);
  }
  return node;
}

function readAttribute(attribute: Field, node: Node): void {
  const fields = [...fieldsOf(attribute.content)];
  const find = (number: number): Field | undefined => fields.find((f) => f.number === number);
  const name = find(1);
  if (name !== undefined && text(name) === "to") node.to = find(3)?.value ?? 0;
  if (find(6) !== undefined || find(11) !== undefined) node.hasGraph = true;
}

function readTensor({ bytes, content }: Field): Tensor {
  const tensor: Tensor = { name: "", dims: [], type: 0, raw: null, bytes };
  for (const field of fieldsOf(content)) {
    // Written one by one or packed.
    if (field.number === 1 && field.content.length > 0)
      tensor.dims.push(...packedVarints(field.content));
    else if (field.number === 1) tensor.dims.push(field.value);
    else if (field.number === 2) tensor.type = field.value;
    else if (field.number === 8) tensor.name = text(field);
    else if (field.number === 9) tensor.raw = field.content;
  }
  return tensor;
}

function externalTensor(name: string, type: number, dims: number[], path: string): Uint8Array {
  const location = joined([delimitedField(1, "location"), delimitedField(2, path)]);
  return delimitedField(
    5,
    joined([
      ...dims.map((size) => varintField(1, size)),
      varintField(2, type),
      delimitedField(8, name),
      delimitedField(13, location),
      varintField(14, EXTERNAL),
    ]),
  );
}

function text({ content }: Field): string {
  return new TextDecoder().decode(content);
}
