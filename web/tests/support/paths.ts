import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The project's root folder. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));
export const web = `${root}web/`;
export const dist = `${web}dist/`;

const CORE = `${root}build/wasm-release/wasm/smartsynch_core.wasm`;
const MODEL = `${root}models/base_model/model.safetensors`;
const VOCABULARY = `${root}models/base_model/vocab.txt`;

/** The bytes that a core is made of; fails with the missing file's name. */
export function coreBytes(): { wasm: Uint8Array; model: Uint8Array; vocabulary: Uint8Array } {
  const read = (path: string): Uint8Array => {
    if (!existsSync(path)) throw new Error(`${path} is missing: build the project first`);
    return new Uint8Array(readFileSync(path));
  };
  return { wasm: read(CORE), model: read(MODEL), vocabulary: read(VOCABULARY) };
}
