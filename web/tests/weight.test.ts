// What people download before the first answers: our own code, without ONNX Runtime's script, which
// is somebody else's and a part of worker.js. Fine-tuning's module is no part of it, since it is
// fetched when it is first needed; nor is the picker, an entry of its own with Lit in it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";
import { describe, expect, it } from "vitest";

import { dist, wasmFolder, web } from "./support/paths.js";

const MOST_BYTES = 150_000;

const compressed = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).byteLength;

function fileIn(folder: string, pattern: RegExp): Uint8Array {
  const name = readdirSync(folder).find((file) => pattern.test(file));
  if (name === undefined) throw new Error(`${folder} has no file ${pattern.source}`);
  return readFileSync(folder + name);
}

/** worker.js as tools/build.mjs makes it, but for ONNX Runtime. */
async function ownPartOfWorker(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    absWorkingDir: web,
    entryPoints: ["src/worker/main.ts"],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    write: false,
    legalComments: "none",
    alias: { "smartsynch-core-module": `${wasmFolder}/smartsynch_core.mjs` },
    external: ["onnxruntime-web/wasm"],
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

describe.skipIf(!existsSync(`${dist}index.js`))("our own code, compressed with gzip", () => {
  it(`is at most ${String(MOST_BYTES)} bytes together`, async () => {
    const whole = compressed(readFileSync(`${dist}worker.js`));
    const parts = {
      core: compressed(fileIn(`${dist}assets/`, /^smartsynch_core\.[0-9a-f]{12}\.wasm$/)),
      index: compressed(readFileSync(`${dist}index.js`)),
      worker: compressed(await ownPartOfWorker()),
    };
    const sum = Object.values(parts).reduce((a, b) => a + b);
    const figures = `${JSON.stringify(parts)}, worker.js with ONNX Runtime's script ${String(whole)}`;
    process.stdout.write(`${String(sum)} bytes: ${figures}\n`);
    // What is subtracted must be there, or nothing was measured.
    expect(parts.worker).toBeLessThan(whole / 2);
    expect(sum, figures).toBeLessThanOrEqual(MOST_BYTES);
  });
});
