// The same in WebAssembly under Node.js, boundary included: what a hit costs the worker, and the
// instant tier beside it.
//
//   node tests/bench/native/prediction_cache.mjs [MODEL VOCABULARY TOKEN_TABLE]
//
// prints one JSON object, microseconds.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const at = (path) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const [
  model = at("models/base_model/model.safetensors"),
  vocabulary = at("models/base_model/vocab.txt"),
  tokenTable = at("models/base_model/token_table.safetensors"),
] = process.argv.slice(2);

const core = "build/wasm-release/wasm/smartsynch_core";
const { default: createModule } = await import(at(`${core}.mjs`));
const module = await createModule({ wasmBinary: readFileSync(at(`${core}.wasm`)) });
const session = new module.Session();

function valueOf(result) {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

const files = [model, vocabulary, tokenTable].map((path) => readFileSync(path));
const { dimension } = valueOf(session.load(...files));
const titles = Array.from(
  { length: 1000 },
  (_, i) => `Look into request number ${i} before the week ends`,
);
for (const title of titles) {
  const { ids } = valueOf(session.prepare(title, ""));
  const hidden = new Float32Array(ids.length * dimension).map((_, i) => Math.sin(i));
  valueOf(session.classifyHidden(title, "", hidden, ids.length));
}

function time(call) {
  const times = titles.map((title) => {
    const begin = performance.now();
    const value = valueOf(call(title));
    const micros = (performance.now() - begin) * 1000;
    if (value.known === null) throw new Error(`not remembered: ${title}`);
    return micros;
  });
  times.sort((a, b) => a - b);
  return { median: times[500], p95: times[950] };
}

const cached = (title) => session.cachedOrPrepared(title, "");
const instant = (title) => session.classifyInstant(title, "");
for (let round = 0; round < 5; round += 1) {
  time(cached);
  time(instant);
}
console.log(JSON.stringify({ hit_us: time(cached), instant_us: time(instant) }, null, 2));
session.delete();
