// Both tiers with their memory measured.
import { wasmMemories } from "./wasm_memory.mjs";

export async function loadSmartSynch(titles) {
  const { SmartSynch } = await import("/smartsynch/index.js");
  const synch = await SmartSynch.create({ workerUrl: "/pages/measured_worker.mjs" });
  const { status } = await synch.ready();
  if (status !== "ready") throw new Error(`the full tier is ${status}`);
  for (const title of titles) {
    synch.predictInstant({ title });
    await synch.predict({ title });
  }
  globalThis.bench = { synch };
  const channel = new globalThis.BroadcastChannel("memory");
  const worker = await new Promise((resolve) => {
    channel.onmessage = ({ data }) => resolve(data);
    channel.postMessage("ask");
  });
  channel.close();
  return { core: wasmMemories(), worker };
}

export async function loadPeer(titles) {
  await import("./peer.mjs");
  for (const title of titles) await globalThis.bench.embed(title);
  return { wasm: wasmMemories() };
}
