import { abortable } from "../base/abort.js";
import type { AssetLoader } from "../assets/fetch_asset.js";
import type { AssetRequest, AssetRequests } from "../assets/manifest.js";
import { ProgressSum } from "../assets/progress.js";
import { WasmCompiler } from "../assets/wasm_compiler.js";
import { Core, type CoreBytes } from "../core/core_module.js";
import { AssetError } from "../errors.js";
import type { CreateOptions } from "../types.js";
import { fullTierStart } from "./full_tier_start.js";

/** A core that can answer, what it was made of, and the progress that the full tier carries on. */
export interface LoadedCore {
  core: Core;
  bytes: CoreBytes & { wasm: WebAssembly.Module };
  progress: ProgressSum;
}

/** Loads the four small files and makes a core of them. */
export async function loadCore(
  requests: AssetRequests,
  load: AssetLoader,
  options: CreateOptions,
): Promise<LoadedCore> {
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const small = [requests.core, requests.model, requests.vocabulary, requests.tokenTable];
  const all = fullTierStart(options) === "now" ? Object.values(requests) : small;
  const progress = new ProgressSum(all, (sum) => onProgress?.(sum));
  const compiler = new WasmCompiler();
  const get = (request: AssetRequest): Promise<Uint8Array<ArrayBuffer>> => {
    const onBytes = progress.onBytes(request.name);
    const onChunk = request.name === "core" ? compiler.push.bind(compiler) : undefined;
    return load(request, { signal, onBytes, onChunk });
  };
  const [wasm, model, vocabulary, tokenTable] = await Promise.all([
    get(requests.core).then((file) => compiled(compiler.finish(file), requests.core.url)),
    get(requests.model),
    get(requests.vocabulary),
    get(requests.tokenTable),
  ]).finally(() => {
    compiler.abort();
  });
  const modelSha256 = requests.model.sha256;
  const { cacheBytes } = options;
  const bytes = { wasm, model, modelSha256, vocabulary, tokenTable, cacheBytes };
  return { core: await abortable(Core.create(bytes, true), signal), bytes, progress };
}

async function compiled(
  module: Promise<WebAssembly.Module>,
  url: string,
): Promise<WebAssembly.Module> {
  try {
    return await module;
  } catch (cause) {
    const message = `${url} cannot be compiled: ${String(cause)}`;
    throw new AssetError("invalid_data", message, { url, status: 0 }, { cause });
  }
}
