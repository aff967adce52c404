// Loads Transformers.js as its documentation shows, from this server alone, and notes its first answer.
import { env, pipeline } from "/peer/transformers.min.js";

import { longTasks } from "./long_tasks.mjs";

env.allowRemoteModels = false;
env.allowLocalModels = true;
env.localModelPath = "/peer/models/";
env.backends.onnx.wasm.wasmPaths = "/peer/";
const extract = await pipeline("feature-extraction", "minilm", { dtype: "q8", device: "wasm" });
const embed = (text) => extract(text, { pooling: "mean", normalize: true });
await embed("Fix login authentication bug");
const first = performance.now();
globalThis.bench = { first, full: first, longTasks, embed, tokenizer: extract.tokenizer };
