import { createHash } from "node:crypto";

import createModule, { type CoreResult, type Session } from "smartsynch-core-module";
import { afterEach, beforeEach, expect, it } from "vitest";

import { coreBytes, coreFile } from "./support/paths.js";

const bytes = coreBytes();
let session: Session;
beforeEach(() => {
  session = new (createModule({ wasmBinary: coreFile() }).Session)();
});
afterEach(() => {
  session.delete();
});

function valueOf<T>(result: CoreResult<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

it.each(["text", null, undefined, 7, {}, [1], new Float32Array(2), new ArrayBuffer(2)])(
  "refuses what is no bytes by the file's name: %o",
  (bad) => {
    const file = bad as Uint8Array;
    for (const [result, field] of [
      [session.takeModel(file, ""), "model"],
      [session.takeVocabulary(file), "vocabulary"],
      [session.takeTokenTable(file), "tokenTable"],
      [session.load(file, bytes.vocabulary, bytes.tokenTable), "model"],
    ] as const) {
      expect(result).toMatchObject({ ok: false, error: { codeName: "invalid_argument", field } });
    }
  },
);

it.each([
  ["the hash of the model that is wanted", createHash("sha256").update(bytes.model).digest("hex")],
  ["another one's", "0".repeat(64)],
  ["none", ""],
])("takes a model that is whole, given %s", (_, sha256) => {
  valueOf(session.takeModel(bytes.model, sha256));
  valueOf(session.takeTokenTable(bytes.tokenTable));
  valueOf(session.takeVocabulary(bytes.vocabulary));
  const { modelVersion } = valueOf(session.start());
  expect(createHash("sha256").update(bytes.model).digest("hex").slice(0, 16)).toBe(modelVersion);
});

it("takes a part of a larger buffer", () => {
  const padded = new Uint8Array(bytes.model.length + 16);
  padded.set(bytes.model, 8);
  valueOf(session.takeModel(padded.subarray(8, -8), ""));
});
