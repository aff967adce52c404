import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { CoreBytes } from "../../src/core/core_module.js";

/** The project's root folder. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));
export const web = `${root}web/`;
export const dist = `${web}dist/`;

/** Where the WebAssembly modules are built; SMARTSYNCH_WASM_DIR names another folder. */
export const wasmFolder = process.env["SMARTSYNCH_WASM_DIR"] ?? `${root}build/wasm-release/wasm`;

const CORE = `${wasmFolder}/smartsynch_core.wasm`;
const FINE_TUNE = `${wasmFolder}/smartsynch_fine_tune.wasm`;
const MODEL = `${root}models/base_model/model.safetensors`;
const TOKEN_TABLE = `${root}models/base_model/token_table.safetensors`;
const VOCABULARY = `${root}models/base_model/vocab.txt`;

function read(path: string): Uint8Array<ArrayBuffer> {
  if (!existsSync(path)) throw new Error(`${path} is missing: build the project first`);
  return new Uint8Array(readFileSync(path));
}

/** The bytes of the module that fine-tunes. */
export function fineTuneBytes(): Uint8Array<ArrayBuffer> {
  return read(FINE_TUNE);
}

/** The core's module as it is built; fails with the missing file's name. */
export function coreFile(): Uint8Array<ArrayBuffer> {
  return read(CORE);
}

/** What a core is made of. */
export function coreBytes(): CoreBytes {
  return {
    wasm: new WebAssembly.Module(coreFile()),
    model: read(MODEL),
    vocabulary: read(VOCABULARY),
    tokenTable: read(TOKEN_TABLE),
  };
}
