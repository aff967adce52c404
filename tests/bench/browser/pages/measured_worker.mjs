// The shipped worker's script, which also tells its memory.
import { wasmMemories } from "./wasm_memory.mjs";
import "/smartsynch/worker.js";

const channel = new globalThis.BroadcastChannel("memory");
channel.onmessage = ({ data }) => {
  if (data !== "ask") return;
  channel.postMessage({ wasm: wasmMemories(), heap: performance.memory?.usedJSHeapSize ?? null });
};
