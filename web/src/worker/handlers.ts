import { pageLoader } from "../assets/cached_asset.js";
import type { Engine } from "../engine/engine.js";
import { loadEngine } from "../engine/load_engine.js";
import { SmartSynchError } from "../errors.js";
import type { Handlers } from "./dispatcher.js";

/** The worker's handlers around the one engine that it owns. */
export function createHandlers(): Handlers {
  let engine: Engine | null = null;
  const ready = (): Engine => {
    if (engine === null) throw new SmartSynchError("unavailable", "the worker has not loaded yet");
    return engine;
  };
  return {
    load: async ({ runtime, encoder, fineTune, cache, ...bytes }, { signal, progress }) => {
      engine = await loadEngine(bytes, {
        runtime,
        encoder,
        fineTune,
        load: pageLoader(cache),
        signal,
        onBytes: (asset, loadedBytes, totalBytes) => {
          progress({ asset, loadedBytes, totalBytes });
        },
      });
      return { threads: engine.threads };
    },
    predict: ({ task }, { signal }) => ready().predict(task, signal),
    predictBatch: ({ tasks }, { signal, progress }) =>
      ready().predictBatch(tasks, {
        signal,
        onProgress: (done, total) => {
          progress({ done, total });
        },
      }),
    cacheStatistics: () => Promise.resolve().then(() => ready().cacheStatistics()),
    learn: ({ line }) => ready().learn(line),
    fineTune: (_, { signal, progress }) => ready().fineTune({ signal, onProgress: progress }),
    rest: () => {
      engine?.rest();
      return Promise.resolve(null);
    },
    useVersions: async (versions) => {
      await ready().useVersions(versions);
      return null;
    },
    restore: ({ lines }, { signal }) => ready().restore(lines, signal),
  };
}
