// The module's own entry points, called in any order with any values: every call answers {ok, …} or
// is refused by Embind for its types; nothing traps, and the session answers as before afterwards.
//
//   SMARTSYNCH_FUZZ_SECONDS=600 npx vitest run tests/session_fuzz.test.ts    for long
import createModule, {
  type CoreModule,
  type CoreResult,
  type Session,
} from "smartsynch-core-module";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { toWellFormed } from "../src/base/well_formed.js";
import { coreBytes, coreFile } from "./support/paths.js";

const seconds = Number(process.env["SMARTSYNCH_FUZZ_SECONDS"] ?? 0);
const LIMITS =
  seconds > 0
    ? {
        numRuns: 100_000_000,
        interruptAfterTimeLimit: seconds * 1000,
        markInterruptAsFailure: false,
      }
    : { numRuns: 30, seed: 1 };

const bytes = coreBytes();
const DIMENSION = 384;

const text = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 40 }),
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.constantFrom("Fix login crash", "[MASK]", "", " ", "\uFFFD", "a".repeat(20_000)),
  )
  .map(toWellFormed);
const number = fc.oneof(
  fc.integer({ min: -2, max: 12 }),
  fc.double(),
  fc.constantFrom(0, 2 ** 31, 2 ** 32, 2 ** 53, -1, Number.NaN, Number.POSITIVE_INFINITY),
);
/** Few values, or whole rows of an encoder's output. */
const floats = fc.oneof(
  fc.float32Array({ maxLength: 8 }),
  fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.float())
    .map(([rows, value]) => new Float32Array(rows * DIMENSION).fill(value)),
);
const file = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.tuple(fc.nat(), fc.nat(255)).map(([place, byte]) => {
    const damaged = bytes.model.slice(0, 4096);
    damaged[place % damaged.length] = byte;
    return damaged;
  }),
);
const KINDS = ["accepted", "rejected", "changed", "category_added", "undone", "category_merged"];
const line = fc.oneof(
  text,
  fc.json(),
  fc
    .record(
      {
        kind: fc.constantFrom(...KINDS),
        time_ms: fc.oneof(fc.nat(), number),
        title: text,
        category_id: fc.constantFrom("design", "planning", "nowhere", "home"),
        name: text,
        target_id: fc.constantFrom("design", "home"),
        undoes: fc.nat(8),
        sequence: fc.nat(8),
        task_id: fc.constantFrom("a", "b"),
      },
      { requiredKeys: ["kind", "time_ms"] },
    )
    .map((event) => JSON.stringify(event)),
);
const lines = fc.array(line, { maxLength: 4 }).map((all) => all.join("\n"));
const anything = fc.oneof(text, number, floats, file, fc.anything({ maxDepth: 1 }));
const tasks = fc.array(
  fc.record(
    { title: text, description: text, key: text },
    { requiredKeys: ["title", "description"] },
  ),
  { maxLength: 3 },
);
const experiment = fc.option(
  fc.record(
    { id: text, share: number, alpha: number, leastGain: number, mostShown: number },
    { requiredKeys: [] },
  ),
);

/** The arguments that each method is made for; one that is not named here gets anything. */
const ARGUMENTS: Record<string, fc.Arbitrary<unknown>[]> = {
  takeModel: [file, text],
  takeVocabulary: [file],
  takeTokenTable: [file],
  start: [],
  prepare: [text, text],
  classifyInstant: [text, text],
  cachedOrPrepared: [text, text],
  setCacheBytes: [number],
  cacheStatistics: [],
  classifyHidden: [text, text, floats, number],
  classifyHiddenBatch: [tasks, floats, number],
  instantEmbedding: [text, text],
  embedding: [floats, number],
  categories: [],
  record: [line],
  addCategory: [text, number],
  undo: [number, number],
  findCategory: [text],
  embedEvent: [number, floats, number],
  fillIn: [line],
  eventsWithoutEmbedding: [],
  log: [],
  loadLog: [lines],
  loadLogFrom: [lines, fc.oneof(file, fc.constant(new Uint8Array()))],
  needsSnapshot: [],
  takeSnapshot: [],
  exportUserData: [],
  importUserData: [fc.oneof(text, fc.json())],
  forgetTask: [text],
  useHeads: [file],
  useExperiment: [experiment, fc.oneof(file, fc.constant(new Uint8Array()))],
  chooseArm: [text, text, text],
  experiment: [],
  modelInfo: [],
};

interface Call {
  name: string;
  values: unknown[];
}
/** Calls of the methods that the module has; `load` is left out, since its files are large. */
function callsOf(module: CoreModule): fc.Arbitrary<Call[]> {
  const names = Object.getOwnPropertyNames(module.Session.prototype).filter(
    (name) => !["constructor", "load"].includes(name),
  );
  const call = fc.constantFrom(...names).chain((name) => {
    const made = ARGUMENTS[name];
    const any = fc.array(anything, { maxLength: 4 });
    return fc
      .oneof(
        { weight: 9, arbitrary: made === undefined ? any : fc.tuple(...made) },
        { weight: 1, arbitrary: any },
      )
      .map((values): Call => ({ name, values }));
  });
  return fc.array(call, { maxLength: 25, size: "max" });
}

/** Null where Embind refused the values' types or number. */
function answer(session: Session, { name, values }: Call): CoreResult<unknown> | null {
  try {
    const methods = session as unknown as Record<string, (...all: unknown[]) => unknown>;
    return methods[name]?.(...values) as CoreResult<unknown>;
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) throw error;
    expect((error as Error).name).toMatch(/BindingError|TypeError/);
    return null;
  }
}

function check(result: CoreResult<unknown> | null): void {
  if (result === null) return;
  if (result.ok) {
    expect("value" in result).toBe(true);
    return;
  }
  expect(result.error.code).toBeGreaterThan(0);
  expect(result.error.codeName).not.toBe("internal");
  expect(result.error.message).not.toBe("");
}

describe("Session", () => {
  let module: CoreModule;
  let session: Session;
  let before: CoreResult<unknown>;
  beforeAll(() => {
    module = createModule({ wasmBinary: coreFile() });
    session = new module.Session();
    expect(session.load(bytes.model, bytes.vocabulary, bytes.tokenTable).ok).toBe(true);
    before = session.classifyInstant("Fix login crash", "");
  });

  it(
    "takes any calls",
    () => {
      fc.assert(
        fc.property(callsOf(module), (all) => {
          for (const call of all) check(answer(session, call));
          expect(session.loadLog("").ok).toBe(true);
          session.useHeads(new Uint8Array());
          expect(session.classifyInstant("Fix login crash", "")).toEqual(before);
        }),
        LIMITS,
      );
    },
    60_000 + seconds * 2000,
  );

  it("refuses counts whose product wraps around 32 bits", () => {
    const none = new Float32Array();
    const many = 2 ** 31; // times 384 values a row is 0 in 32 bits
    const tasks = [{ title: "Fix login", description: "" }];
    for (const result of [
      session.classifyHidden("", "", none, many),
      session.classifyHiddenBatch(tasks, none, many),
      session.embedding(none, many),
      session.embedEvent(1, none, many),
    ]) {
      expect(result).toMatchObject({ ok: false, error: { field: "hidden" } });
    }
  });

  it("takes any calls before a model is loaded", () => {
    fc.assert(
      fc.property(callsOf(module), (all) => {
        const empty = new module.Session();
        for (const call of all) check(answer(empty, call));
        empty.delete();
      }),
      { numRuns: 20, seed: 2 },
    );
  });
});
