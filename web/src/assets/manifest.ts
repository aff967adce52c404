import { SmartSynchError } from "../errors.js";
import type { AssetName, Category, CreateOptions } from "../types.js";

/** One file as the build left it. */
export interface ManifestEntry {
  /** Name below the assets folder, with a part of the hash in it: contents never change. */
  file: string;
  bytes: number;
  sha256: string;
  /** Where the file is: beside the script, or where a bundler put it. Known once the script is built. */
  readonly url?: string;
}

/** What the build knows of the files; also written to `assets/manifest.json`. */
export interface Manifest {
  assets: Record<AssetName, ManifestEntry>;
  /** Not loaded with the others: only fine-tuning needs these two. */
  exemplars?: ManifestEntry;
  fineTune?: ManifestEntry;
  /** Of the model, so that manual choice works even when nothing else can be loaded. */
  categories: Category[];
}

/** A file to load. `bytes` and `sha256` are unknown for addresses that the caller chose. */
export interface FileRequest {
  name: AssetName | "exemplars" | "fineTune";
  url: string;
  bytes?: number;
  sha256?: string;
}

/** One of the six files that are loaded at the start. */
export interface AssetRequest extends FileRequest {
  name: AssetName;
}

export type AssetRequests = Record<AssetName, AssetRequest>;

/** The manifest that the build put into this script. */
export function builtManifest(): Manifest | undefined {
  return typeof SMARTSYNCH_MANIFEST === "undefined" ? undefined : SMARTSYNCH_MANIFEST;
}

/**
 * The six files to load. `defaultBase` is used where the options name no `baseUrl`.
 * @throws SmartSynchError `invalid_argument` for an address that is none.
 */
export function resolveAssets(
  options: Pick<CreateOptions, "baseUrl" | "urls">,
  defaultBase: URL,
  manifest = builtManifest(),
): AssetRequests {
  const resolve = resolver(options, defaultBase);
  const asset = (name: AssetName): AssetRequest =>
    resolve(name, `urls.${name}`, options.urls?.[name], manifest?.assets[name]);
  return {
    core: asset("core"),
    model: asset("model"),
    vocabulary: asset("vocabulary"),
    tokenTable: asset("tokenTable"),
    runtime: asset("runtime"),
    encoder: asset("encoder"),
  };
}

/** The files that fine-tuning needs beside the others. */
export interface FineTuneRequests {
  /** The WebAssembly module that trains. */
  module: FileRequest;
  /** The base model's exemplars. */
  exemplars: FileRequest;
}

/**
 * The files that are loaded when a fine-tuning first needs them.
 * @throws SmartSynchError `invalid_argument` for an address that is none.
 */
export function resolveFineTuneFiles(
  options: Pick<CreateOptions, "baseUrl" | "exemplarsUrl" | "fineTuneUrl">,
  defaultBase: URL,
  manifest = builtManifest(),
): FineTuneRequests {
  const resolve = resolver(options, defaultBase);
  const file = (name: "exemplars" | "fineTune", plainName: string): FileRequest => {
    const field = `${name}Url` as const;
    const entry = manifest?.[name];
    return resolve(name, field, options[field] ?? (entry ? undefined : plainName), entry);
  };
  return {
    module: file("fineTune", "smartsynch_fine_tune.wasm"),
    exemplars: file("exemplars", "exemplars.safetensors"),
  };
}

/**
 * Address of the worker's script, relative to the package's, which `defaultUrl` stands beside.
 * @throws SmartSynchError `invalid_argument` for an address that is none.
 */
export function resolveWorker(options: Pick<CreateOptions, "workerUrl">, defaultUrl: URL): URL {
  return toUrl(String(options.workerUrl ?? defaultUrl), defaultUrl, "workerUrl");
}

/** Finds a file where the caller says, or where the build put it. */
function resolver({ baseUrl }: Pick<CreateOptions, "baseUrl">, defaultBase: URL) {
  const base = toUrl(withSlash(String(baseUrl ?? defaultBase)), defaultBase, "baseUrl");
  return <Name extends FileRequest["name"]>(
    name: Name,
    field: string,
    chosen: string | URL | undefined,
    entry: ManifestEntry | undefined,
  ): FileRequest & { name: Name } => {
    if (chosen !== undefined) return { name, url: toUrl(String(chosen), base, field).href };
    if (entry === undefined) {
      const message = `this build has no manifest: give the address of the ${name} file`;
      throw new SmartSynchError("invalid_argument", message, field);
    }
    const { file, bytes, sha256, url } = entry;
    // A folder that the caller named has the files under the names that the build gave them.
    const isBundled = baseUrl === undefined && url !== undefined;
    return { name, url: isBundled ? url : new URL(file, base).href, bytes, sha256 };
  };
}

function withSlash(address: string): string {
  return address.endsWith("/") ? address : `${address}/`;
}

function toUrl(address: string, base: URL, field: string): URL {
  try {
    return new URL(address, base);
  } catch (cause) {
    const message = `${field} is not an address: ${address}`;
    throw new SmartSynchError("invalid_argument", message, field, { cause });
  }
}
