import { pageLoader } from "../assets/cached_asset.js";
import { CoreTrapError } from "../core/core_result.js";
import type { Engine } from "../engine/engine.js";
import { loadEngine } from "../engine/load_engine.js";
import { fineTuneLoader, type LoadFineTuneFiles } from "../engine/load_fine_tune_files.js";
import { SmartSynchError } from "../errors.js";
import type { Handlers } from "./dispatcher.js";

/** The worker's handlers around the one engine that it owns. */
export function createHandlers(): Handlers {
  let engine: Engine | null = null;
  let fineTuneFiles: LoadFineTuneFiles = () => Promise.reject(notLoaded());
  const ready = (): Engine => {
    if (engine === null) throw notLoaded();
    return engine;
  };
  return {
    load: async ({ runtime, encoder, fineTune, cache, ...bytes }, { signal, progress }) => {
      fineTuneFiles = fineTuneLoader(fineTune, pageLoader(cache));
      engine = await loadEngine(bytes, {
        runtime,
        encoder,
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
    fineTune: (_, { signal, progress }) =>
      ready().fineTune(fineTuneFiles, { signal, onProgress: progress }),
    rest: () => {
      engine?.rest();
      return Promise.resolve(null);
    },
    useHeads: async ({ heads }) => {
      await ready().useHeads(heads);
      return null;
    },
    useExperiment: async ({ experiment, heads }) => {
      await ready().useExperiment(experiment, heads);
      return null;
    },
    restore: ({ lines }, { signal }) => ready().restore(lines, signal),
  };
}

function notLoaded(): SmartSynchError {
  return new SmartSynchError("unavailable", "the worker has not loaded yet");
}

/** A trap in one of the two WebAssembly modules: their memory is in an unknown state. */
export function isFatal(error: unknown): boolean {
  return error instanceof CoreTrapError || error instanceof WebAssembly.RuntimeError;
}
