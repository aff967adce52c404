/**
 * As much of the Protocol Buffers encoding as is needed to change a message without a schema: its
 * fields one by one, and new fields. https://protobuf.dev/programming-guides/encoding/
 * @module
 */

/** One field of a message: where it lies, and what it holds. */
export interface Field {
  number: number;
  /** The whole field, as it can be written again. */
  bytes: Uint8Array;
  /** What a length-delimited field holds (text, bytes, a message); empty for the other kinds. */
  content: Uint8Array;
  /** A varint's value, exact below 2^53; 0 for the other kinds. */
  value: number;
}

const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/**
 * The fields in their order.
 * @throws RangeError where the bytes are no message.
 */
export function* fieldsOf(message: Uint8Array): Generator<Field> {
  let at = 0;
  const readVarint = (): number => {
    const varint = varintAt(message, at);
    at = varint.end;
    return varint.value;
  };
  while (at < message.length) {
    const start = at;
    const tag = readVarint();
    const field = { number: Math.floor(tag / 8), content: message.subarray(0, 0), value: 0 };
    const kind = tag % 8;
    if (kind === VARINT) {
      field.value = readVarint();
    } else if (kind === DELIMITED) {
      const size = readVarint();
      field.content = message.subarray(at, at + size);
      at += size;
    } else if (kind === FIXED64 || kind === FIXED32) {
      at += kind === FIXED64 ? 8 : 4;
    } else {
      throw new RangeError(`the message has a field of the unknown kind ${String(kind)}`);
    }
    if (at > message.length) throw new RangeError("the message ends within a field");
    yield { ...field, bytes: message.subarray(start, at) };
  }
}

/**
 * Numbers that are packed into one field's content.
 * @throws RangeError where the last one is cut.
 */
export function packedVarints(content: Uint8Array): number[] {
  const values: number[] = [];
  for (let at = 0; at < content.length;) {
    const { value, end } = varintAt(content, at);
    values.push(value);
    at = end;
  }
  return values;
}

/** A number as a field. */
export function varintField(number: number, value: number): Uint8Array {
  return Uint8Array.from([...varint(number * 8 + VARINT), ...varint(value)]);
}

/** Text, bytes or a message as a field. */
export function delimitedField(number: number, content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const head = [...varint(number * 8 + DELIMITED), ...varint(bytes.length)];
  return joined([Uint8Array.from(head), bytes]);
}

/** The pieces one after the other: a message of its fields. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    result.set(piece, offset);
    offset += piece.length;
  }
  return result;
}

function varintAt(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  let factor = 1;
  for (let end = start; ; factor *= 128) {
    const byte = bytes[end];
    if (byte === undefined) throw new RangeError("the message ends within a number");
    end += 1;
    value += (byte & 127) * factor;
    if (byte < 128) return { value, end };
  }
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}
