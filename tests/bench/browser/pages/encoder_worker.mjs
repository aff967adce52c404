// The shipped worker's script and bare ONNX Runtime sessions in one thread, so that the three are timed
// in turn. The script is called as messages would call it, but without messages.
import * as ort from "/ort/ort.wasm.bundle.min.mjs";

const sendToPage = globalThis.postMessage.bind(globalThis);
const answers = new Map();
globalThis.postMessage = (message) => {
  if (message.kind === "response") answers.get(message.id)(message);
};

/** How often each text is run; the fastest counts, as other work on the machine only adds. */
const ROUNDS = 3;

let nextId = 1;
let receive;

async function ask(type, payload) {
  const id = nextId;
  nextId += 1;
  const answer = new Promise((resolve) => answers.set(id, resolve));
  receive({ data: { kind: "request", id, type, payload } });
  const { ok, value, error } = await answer;
  answers.delete(id);
  if (!ok) throw new Error(error.message);
  return value;
}

async function bytesOf(url) {
  const response = await globalThis.fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function load() {
  await import("/smartsynch/worker.js");
  receive = globalThis.onmessage;
  const base = new URL("/smartsynch/assets/", globalThis.location.href);
  const manifest = await (await globalThis.fetch(new URL("manifest.json", base))).json();
  const url = (name) => new URL(manifest.assets[name].file, base).href;
  const [core, model, vocabulary, tokenTable, runtime, encoder, peer] = await Promise.all([
    ...["core", "model", "vocabulary", "tokenTable", "runtime", "encoder"].map((n) =>
      bytesOf(url(n)),
    ),
    bytesOf("/peer/models/minilm/onnx/model_quantized.onnx"),
  ]);
  const request = (name) => ({ name, url: url(name) });
  const { threads } = await ask("load", {
    wasm: await WebAssembly.compile(core),
    ...{ model, vocabulary, tokenTable, cache: false, cacheBytes: 0 },
    ...{ runtime: request("runtime"), encoder: request("encoder") },
  });
  // As many as the full tier takes in this isolated page.
  Object.assign(ort.env.wasm, { numThreads: threads, proxy: false, wasmBinary: runtime.buffer });
  const options = { executionProviders: ["wasm"] };
  const bare = await ort.InferenceSession.create(encoder, options);
  const int8 = await ort.InferenceSession.create(peer, options);
  return { bare, int8 };
}

function feedsFor(session, ids) {
  const shape = [1, ids.length];
  const values = {
    input_ids: BigInt64Array.from(ids, (id) => BigInt(id)),
    attention_mask: new BigInt64Array(ids.length).fill(1n),
    token_type_ids: new BigInt64Array(ids.length),
  };
  return Object.fromEntries(
    session.inputNames.map((name) => [name, new ort.Tensor("int64", values[name], shape)]),
  );
}

async function timed(run) {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** `texts`: [{ title, ids }]; answers the times of each in the same order. */
async function measure(texts) {
  const { bare, int8 } = await load();
  const feeds = texts.map(({ ids }) => [feedsFor(bare, ids), feedsFor(int8, ids)]);
  const full = ({ title }) => ask("predict", { task: { title, description: "" } });
  for (let i = 0; i < 30; i += 1) {
    const at = i % texts.length;
    await full(texts[at]);
    await bare.run(feeds[at][0]);
    await int8.run(feeds[at][1]);
  }
  const times = { full: [], bare: [], int8: [] };
  for (let i = 0; i < texts.length; i += 1) {
    const runs = [
      ["full", () => full(texts[i])],
      ["bare", () => bare.run(feeds[i][0])],
      ["int8", () => int8.run(feeds[i][1])],
    ];
    const best = { full: Infinity, bare: Infinity, int8: Infinity };
    for (let k = 0; k < ROUNDS * runs.length; k += 1) {
      // Another one begins each time, so that none always follows the same.
      const [name, run] = runs[(i + k + Math.floor(k / runs.length)) % runs.length];
      best[name] = Math.min(best[name], await timed(run));
    }
    for (const [name] of runs) times[name].push(best[name]);
  }
  return times;
}

sendToPage({ kind: "started" });
globalThis.addEventListener("message", ({ data }) => {
  if (data.kind !== "measure") return;
  measure(data.texts).then(
    (times) => sendToPage({ kind: "times", times }),
    (error) => sendToPage({ kind: "failed", message: String(error?.stack ?? error) }),
  );
});
