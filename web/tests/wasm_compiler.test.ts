import { describe, expect, it } from "vitest";

import { WasmCompiler } from "../src/assets/wasm_compiler.js";
import { Core } from "../src/core/core_module.js";
import { coreBytes, coreFile } from "./support/paths.js";

// Exports one memory, so that a module can be told from an empty one.
const WASM = new Uint8Array([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[5, 3, 1, 0, 1],
  ...[7, 5, 1, 1, 0x6d, 2, 0],
]);
const exportsOf = (module: WebAssembly.Module): string[] =>
  WebAssembly.Module.exports(module).map(({ name }) => name);

describe("WasmCompiler", () => {
  it("compiles what comes in pieces", async () => {
    const compiler = new WasmCompiler();
    for (let i = 0; i < WASM.length; i += 7) compiler.push(WASM.subarray(i, i + 7));
    expect(exportsOf(await compiler.finish(WASM))).toEqual(["m"]);
  });

  it("compiles the file itself when no piece came, or those of a bad answer as well", async () => {
    expect(exportsOf(await new WasmCompiler().finish(WASM))).toEqual(["m"]);
    const compiler = new WasmCompiler();
    compiler.push(new TextEncoder().encode("<!doctype html>"));
    compiler.push(WASM);
    expect(exportsOf(await compiler.finish(WASM))).toEqual(["m"]);
  });

  it("fails for a file that is no module, and leaves nothing unhandled when it is given up", async () => {
    const bad = WASM.map((byte, index) => (index === 8 ? 99 : byte));
    const compiler = new WasmCompiler();
    compiler.push(bad);
    await expect(compiler.finish(bad)).rejects.toThrow(WebAssembly.CompileError);
    const abandoned = new WasmCompiler();
    abandoned.push(WASM.subarray(0, 9));
    abandoned.abort();
    abandoned.abort();
    await new Promise((resolve) => setTimeout(resolve, 10));
  });
});

describe("a core made of a compiled module", () => {
  it("answers like one made of the file", async () => {
    const bytes = coreBytes();
    const compiler = new WasmCompiler();
    const wasm = await compiler.finish(coreFile());
    const task = { title: "Fix login authentication bug", description: "" };
    const cores = await Promise.all([
      Core.create({ ...bytes, wasm }),
      Core.create({ ...bytes, wasm }),
      Core.create(bytes),
    ]);
    const [first, ...others] = cores.map((core) => core.classifyInstant(task));
    for (const other of others) expect(other).toEqual(first);
    for (const core of cores) core.dispose();
  });

  it("fails when the module is another one", async () => {
    const module = await WebAssembly.compile(WASM);
    await expect(Core.create({ ...coreBytes(), wasm: module })).rejects.toMatchObject({
      codeName: "internal",
      message: "the WebAssembly core did not start",
    });
  });
});
