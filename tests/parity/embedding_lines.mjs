// The web half of embedding_parity.py: the same tasks through the package, under Node.
//
//   node embedding_lines.mjs [MODEL ENCODER VOCABULARY TOKEN_TABLE] < tasks.jsonl
//
// Prints the same lines as embedding_lines.cpp. The predictions are those of the built package
// (web/dist/node.js); the embeddings, which the package does not give out, come from its sources,
// bundled here as the build does.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const web = join(root, "web");
const fromWeb = createRequire(join(web, "package.json"));
const core = join(root, "build/wasm-release/wasm/smartsynch_core");

async function importSources() {
  const folder = mkdtempSync(join(tmpdir(), "smartsynch-parity-"));
  try {
    const outfile = join(folder, "sources.mjs");
    await fromWeb("esbuild").build({
      stdin: {
        contents: `
          export { Core } from "./src/core/core_module.js";
          export { createOrtEncoder } from "./src/encoder/ort_encoder.js";
          export { groupByLength } from "./src/engine/grouping.js";`,
        resolveDir: web,
      },
      bundle: true,
      format: "esm",
      platform: "node",
      alias: { "smartsynch-core-module": `${core}.mjs` },
      outfile,
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [
  modelPath = join(root, "models/base_model/model.safetensors"),
  encoderPath = join(root, "models/base_model/encoder.onnx"),
  vocabularyPath = join(root, "models/base_model/vocab.txt"),
  tokenTablePath = join(root, "models/base_model/token_table.safetensors"),
] = process.argv.slice(2);
const read = (path) => new Uint8Array(readFileSync(path));
const tasks = readFileSync(0, "utf8")
  .split("\n")
  .filter(Boolean)
  .map((line) => JSON.parse(line));

const { Core, createOrtEncoder, groupByLength } = await importSources();
const instance = await Core.create({
  wasm: new WebAssembly.Module(read(`${core}.wasm`)),
  model: read(modelPath),
  vocabulary: read(vocabularyPath),
  tokenTable: read(tokenTablePath),
});
const { dimension } = instance.info;
const runtime = join(fromWeb.resolve("onnxruntime-web/wasm"), "../ort-wasm-simd-threaded.wasm");
const encoder = await createOrtEncoder(read(runtime), read(encoderPath), dimension);
const ids = tasks.map((task) => instance.prepare(task).ids);

const batched = new Array(tasks.length);
for (const group of groupByLength(ids)) {
  const { values, sequence } = await encoder.run(group.map((index) => ids[index]));
  group.forEach((index, row) => {
    const start = row * sequence * dimension;
    const hidden = values.slice(start, start + ids[index].length * dimension);
    batched[index] = instance.embedding(hidden, ids[index].length);
  });
}

const { SmartSynch } = await import(pathToFileURL(join(web, "dist/node.js")).href);
const synch = await SmartSynch.create({
  urls: {
    model: pathToFileURL(modelPath),
    encoder: pathToFileURL(encoderPath),
    vocabulary: pathToFileURL(vocabularyPath),
    tokenTable: pathToFileURL(tokenTablePath),
  },
});
for (const [index, task] of tasks.entries()) {
  const { values } = await encoder.run([ids[index]]);
  const alone = instance.embedding(values, ids[index].length);
  const prediction = await synch.predict(task);
  const line = { alone: [...alone], batched: [...batched[index]], prediction };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
synch.dispose();
