// Loading a core gives way to events: a page must not be held up while a title is typed.
import { describe, expect, it, vi } from "vitest";

const happened = vi.hoisted(() => [] as string[]);

/** A session that only notes what is called. */
vi.mock("smartsynch-core-module", () => {
  const noting = { get: (_: unknown, name: string | symbol) => call.bind(null, String(name)) };
  const call = (name: string): { ok: true; value: null } => {
    happened.push(name);
    return { ok: true, value: null };
  };
  const session = function (): object {
    return new Proxy({}, noting);
  };
  return { default: () => ({ Session: session }) };
});

const { Core } = await import("../src/core/core_module.js");

describe("Core.create", () => {
  it("lets events be handled between the files", async () => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      happened.push("event");
      port2.postMessage(null);
    };
    port2.postMessage(null);
    const none = new Uint8Array();
    const wasm = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    await Core.create({ wasm, model: none, vocabulary: none, tokenTable: none });
    port1.close();
    const runs = happened.join(" ").split(/(?:event ?)+/);
    expect(runs.map((run) => run.trim()).filter((run) => run !== "")).toEqual([
      "takeModel",
      "takeTokenTable",
      "takeVocabulary",
      "start",
    ]);
  });
});
