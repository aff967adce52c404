import { readFileSync } from "node:fs";

import createModule, { type CoreModule, type CoreResult } from "smartsynch-core-module";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Core } from "../src/core/core_module.js";
import { coreBytes, coreFile, root } from "./support/paths.js";

const declarations = ts.createSourceFile(
  "smartsynch_core.d.ts",
  readFileSync(`${root}wasm/smartsynch_core.d.ts`, "utf8"),
  ts.ScriptTarget.Latest,
);

/** Names of the members of an interface in the hand-written declarations. */
function membersOf(name: string): string[] {
  const found = declarations.statements.find(
    (s): s is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(s) && s.name.text === name,
  );
  if (found === undefined) throw new Error(`smartsynch_core.d.ts has no interface ${name}`);
  return found.members.map((m) => m.name?.getText(declarations) ?? "").sort();
}

function valueOf<T>(result: CoreResult<T>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

const bytes = coreBytes();
let core: Core;
beforeAll(async () => {
  core = await Core.create(bytes);
});
afterAll(() => {
  core.dispose();
});

describe("smartsynch_core.d.ts", () => {
  let module: CoreModule;
  beforeAll(() => {
    module = createModule({ wasmBinary: coreFile() });
  });

  it("names exactly the methods that the module exports", () => {
    const registered = Object.getOwnPropertyNames(module.Session.prototype);
    const methods = registered.filter((name) => name !== "constructor");
    // delete() comes from Embind's base class.
    expect("delete" in module.Session.prototype).toBe(true);
    expect([...methods, "delete"].sort()).toEqual(membersOf("Session"));
  });

  it("names exactly the fields of what comes back", () => {
    const session = new module.Session();
    const info = valueOf(session.load(bytes.model, bytes.vocabulary, bytes.tokenTable));
    const prepared = valueOf(session.prepare("Fix login", ""));
    const [category] = valueOf(session.categories());
    valueOf(session.useExperiment({ id: "e", share: 0.5 }, new Uint8Array()));
    const compared = valueOf(session.experiment());
    const prediction = valueOf(session.classifyInstant("Fix login", ""));
    const failed = session.addCategory("", 0);
    const embedding = valueOf(session.instantEmbedding("Fix login", ""));
    session.delete();
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
    expect(Object.keys(info).sort()).toEqual(membersOf("CoreModelInfo"));
    expect(Object.keys(prepared).sort()).toEqual(membersOf("CorePrepared"));
    expect(Object.keys(prediction).sort()).toEqual(membersOf("CorePrediction"));
    expect(Object.keys(compared ?? {}).sort()).toEqual(membersOf("CoreComparison"));
    expect(Object.keys({ ...category, colour: "" }).sort()).toEqual(membersOf("CoreCategory"));
    expect(failed.ok).toBe(false);
    if (!failed.ok) expect(Object.keys(failed.error).sort()).toEqual(membersOf("CoreError"));
  });

  it("answers with an error, not a crash, before a model is loaded", () => {
    const session = new module.Session();
    const results = [
      session.start(),
      session.prepare("a", ""),
      session.cachedOrPrepared("a", ""),
      session.classifyInstant("a", ""),
      session.classifyHidden("a", "", new Float32Array(), 0),
      session.classifyHiddenBatch([], new Float32Array(), 0),
      session.instantEmbedding("a", ""),
      session.embedding(new Float32Array(), 0),
      session.categories(),
      session.addCategory("a", 0),
      session.record("{}"),
      session.undo(1, 0),
      session.findCategory("a"),
      session.embedEvent(1, new Float32Array(), 0),
      session.fillIn("{}"),
      session.eventsWithoutEmbedding(),
      session.log(),
      session.loadLog(""),
      session.exportUserData(),
      session.importUserData(""),
      session.forgetTask("a"),
      session.fineTuneTask(),
      session.taughtSince(0),
      session.useHeads(new Uint8Array()),
      session.modelInfo(),
    ];
    session.delete();
    for (const result of results) {
      expect(result).toMatchObject({ ok: false, error: { codeName: "unavailable" } });
    }
  });
});

describe("Core", () => {
  it.each<[string, "model" | "vocabulary" | "tokenTable", Uint8Array, string]>([
    ["an empty model", "model", new Uint8Array(), "invalid_model"],
    ["half a model", "model", bytes.model.slice(0, bytes.model.length / 2), "invalid_model"],
    ["an empty vocabulary", "vocabulary", new Uint8Array(), "invalid_vocabulary"],
    [
      "another vocabulary",
      "vocabulary",
      new TextEncoder().encode("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n"),
      "incompatible",
    ],
    ["no token table", "tokenTable", new Uint8Array(), "incompatible"],
    ["half a token table", "tokenTable", bytes.tokenTable.slice(0, 1_000_000), "invalid_model"],
    ["a model for a token table", "tokenTable", bytes.model, "invalid_model"],
  ])("refuses %s", async (_, part, replacement, codeName) => {
    const create = Core.create({ ...bytes, [part]: replacement });
    await expect(create).rejects.toMatchObject({ name: "SmartSynchError", codeName });
  });

  it("refuses bytes that are no WebAssembly", async () => {
    const create = Core.create({ ...bytes, wasm: new TextEncoder().encode("<!doctype html>") });
    await expect(create).rejects.toMatchObject({ codeName: "internal" });
  });

  it("gives the ids of the encoder's tokenizer", () => {
    const prepared = core.prepare({ title: "Fix login", description: "" });
    expect([...prepared.ids]).toEqual([101, 8081, 8833, 2378, 102]);
    expect(prepared).toMatchObject({ truncated: false, needsEncoder: true });
  });

  it.each(["", "   ", "\u200b", "\ud83d"])(
    "needs no encoder for %j, and suggests nothing",
    (title) => {
      const task = { title, description: "" };
      expect(core.prepare(task).needsEncoder).toBe(false);
      const blank = { decision: "suggest", category: null, confidence: 0, suggestions: [] };
      expect(core.classifyInstant(task)).toMatchObject({ ...blank, tier: "instant" });
      const full = core.classifyHidden(task, new Float32Array(), 0);
      expect(full).toMatchObject({ ...blank, tier: "full" });
    },
  );

  it("reads a lone surrogate as U+FFFD, and the next letter as itself", () => {
    const ids = (title: string): number[] => [...core.prepare({ title, description: "" }).ids];
    expect(ids("fix \ud83dlogin")).toEqual(ids("fix \ufffdlogin"));
    expect(ids("\ude80fix login")).toEqual(ids("fix login"));
    expect(ids("login \ud83d")).toEqual(ids("login"));
  });

  it("keeps text after a NUL", () => {
    const ids = core.prepare({ title: "fix\0 login", description: "" }).ids;
    expect([...ids]).toEqual([101, 8081, 8833, 2378, 102]);
  });

  it("cuts a long text and says so", () => {
    const task = { title: "Fix login", description: "word ".repeat(50_000) };
    const prepared = core.prepare(task);
    expect(prepared.ids).toHaveLength(256);
    expect(prepared.truncated).toBe(true);
    expect(core.classifyInstant(task).truncated).toBe(true);
  });

  it("hands out copies that outlive the growth of its memory", async () => {
    const own = await Core.create(bytes);
    const { ids } = own.prepare({ title: "Fix login", description: "" });
    const before = [...ids];
    own.prepare({ title: "x".repeat(30_000_000), description: "" });
    own.dispose();
    expect([...ids]).toEqual(before);
  });

  it("classifies one and many from hidden states alike", () => {
    const { dimension } = core.info;
    const tasks = [
      { title: "Fix login", description: "" },
      { title: "Design", description: "" },
    ];
    const lengths = tasks.map((task) => core.prepare(task).ids.length);
    const sequence = Math.max(...lengths);
    const hidden = new Float32Array(tasks.length * sequence * dimension);
    hidden.forEach((_, i) => (hidden[i] = Math.sin(i)));
    const together = core.classifyHiddenBatch(tasks, hidden, sequence);
    const alone = tasks.map((task, i) => {
      const rows = hidden
        .subarray(i * sequence * dimension)
        .slice(0, (lengths[i] ?? 0) * dimension);
      return core.classifyHidden(task, rows, lengths[i] ?? 0);
    });
    expect(together).toEqual(alone);
    expect(together.map(({ tier }) => tier)).toEqual(["full", "full"]);
  });

  it("normalises the embedding", () => {
    const { dimension } = core.info;
    const hidden = new Float32Array(2 * dimension).fill(1);
    const embedding = core.embedding(hidden, 2);
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 6);
  });

  it("refuses hidden states of another shape or with NaN", () => {
    const task = { title: "Fix login", description: "" };
    const { dimension } = core.info;
    const good = new Float32Array(5 * dimension).fill(0.1);
    expect(() => core.classifyHidden(task, good.subarray(1), 5)).toThrow(
      expect.objectContaining({ codeName: "invalid_argument", field: "hidden" }),
    );
    expect(() => core.classifyHidden(task, good, 4)).toThrow(
      expect.objectContaining({ field: "tokens" }),
    );
    expect(() => core.classifyHiddenBatch([task], good.subarray(0, 2 * dimension), 2)).toThrow(
      expect.objectContaining({ field: "tasks[0]" }),
    );
    expect(() => core.classifyHidden(task, good.fill(Number.NaN), 5)).toThrow(
      expect.objectContaining({ codeName: "invalid_argument" }),
    );
  });

  it("adds categories under ids of their own", () => {
    const before = core.categories();
    const added = core.addCategory("  Ops & Infra ", 0);
    expect(added).toMatchObject({ id: "ops-infra", name: "Ops & Infra" });
    expect(core.addCategory("Ops-Infra", 0)).toMatchObject({
      id: "ops-infra-2",
      name: "Ops-Infra",
    });
    expect(core.categories()).toHaveLength(before.length + 2);
    const taken = expect.objectContaining({ codeName: "already_exists", field: "name" }) as Error;
    expect(() => core.addCategory("OPS & infra", 0)).toThrow(taken);
    expect(() => core.addCategory("design", 0)).toThrow(taken);
    expect(() => core.addCategory(" \t", 0)).toThrow(
      expect.objectContaining({ codeName: "invalid_argument", field: "name" }),
    );
  });

  it("fails after dispose, which can be called twice", async () => {
    const own = await Core.create(bytes);
    own.dispose();
    own.dispose();
    expect(() => own.categories()).toThrow(expect.objectContaining({ codeName: "cancelled" }));
  });
});
