import type { AssetLoader } from "../assets/fetch_asset.js";
import type { AssetRequest, FineTuneRequests } from "../assets/manifest.js";
import { sha256 } from "../assets/verify.js";
import { Core, type CoreBytes } from "../core/core_module.js";
import { createOrtEncoder } from "../encoder/ort_encoder.js";
import { SmartSynchError } from "../errors.js";
import type { AssetName } from "../types.js";
import { Engine } from "./engine.js";
import { fineTuneLoader } from "./load_fine_tune_files.js";

/** Where the large files and those for fine-tuning are, and how they are got. */
export interface EngineFiles {
  runtime: AssetRequest;
  encoder: AssetRequest;
  fineTune: FineTuneRequests;
  load: AssetLoader;
  signal?: AbortSignal | undefined;
  onBytes?: ((asset: AssetName, loadedBytes: number, totalBytes: number) => void) | undefined;
}

/**
 * Loads ONNX Runtime and the encoder, and joins them to a core of its own.
 * @throws SmartSynchError `incompatible` when the encoder is not the one the model was trained with.
 */
export async function loadEngine(bytes: CoreBytes, files: EngineFiles): Promise<Engine> {
  const load = (request: AssetRequest): Promise<Uint8Array<ArrayBuffer>> =>
    files.load(request, {
      signal: files.signal,
      onBytes: (loaded, total) => files.onBytes?.(request.name, loaded, total),
    });
  const [core, runtime, graph] = await Promise.all([
    Core.create(bytes),
    load(files.runtime),
    load(files.encoder),
  ]);
  try {
    // What was compared with the build's hash need not be hashed again.
    const found = files.encoder.sha256 ?? (await sha256(graph));
    if (found !== undefined && found !== core.info.encoderSha256) {
      throw new SmartSynchError(
        "incompatible",
        `${files.encoder.url} has SHA-256 ${found}, ` +
          `but the model was trained with the encoder ${core.info.encoderSha256}`,
        "encoder",
      );
    }
    files.signal?.throwIfAborted();
    const encoder = await createOrtEncoder(runtime, graph, core.info.dimension);
    return new Engine(core, encoder, fineTuneLoader(files.fineTune, files.load));
  } catch (error) {
    core.dispose();
    throw error;
  }
}
