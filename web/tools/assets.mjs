// The files that the package loads: checked, named by a part of their hash, and copied.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";

/** Something the person who builds can put right. */
export class BuildError extends Error {}

/**
 * The manifest for `sources` ({name: {path, make}}, where `make` is the command that makes the file).
 * Fails when one is missing or two do not belong together. `glue` is checked for and left out: it
 * becomes part of the scripts.
 */
export function describeAssets({ glue, ...sources }) {
  const assets = {};
  for (const [name, { path, make }] of Object.entries({ glue, ...sources })) {
    if (!existsSync(path)) throw new BuildError(`the ${name} file ${path} is missing: run ${make}`);
    if (name !== "glue") assets[name] = describeFile(path);
  }
  const metadata = readSafetensorsMetadata(sources.model.path);
  checkTogether(metadata, assets, sources);
  return { assets, categories: JSON.parse(metadata.categories) };
}

/** The manifest's entry for the exemplars, which belong to exactly one model: the one described. */
export function describeExemplars({ path, make }, model) {
  if (!existsSync(path)) throw new BuildError(`the exemplars ${path} are missing: run ${make}`);
  const version = readSafetensorsMetadata(path).model_version;
  if (version !== model.sha256.slice(0, 16)) {
    throw new BuildError(
      `${path} belongs to model ${version}, the model is ${model.sha256.slice(0, 16)}: run ${make}`,
    );
  }
  return describeFile(path);
}

/** The manifest's entry for the module that fine-tunes. */
export function describeFineTune({ path, make }) {
  if (!existsSync(path)) throw new BuildError(`the module ${path} is missing: run ${make}`);
  return describeFile(path);
}

function describeFile(path) {
  const bytes = readFileSync(path);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const extension = extname(path);
  const file = `${basename(path, extension)}.${sha256.slice(0, 12)}${extension}`;
  return { file, bytes: bytes.length, sha256 };
}

/** Copies the files under their new names, and the manifest beside them. */
export function copyAssets(sources, manifest, directory) {
  mkdirSync(directory, { recursive: true });
  const { assets, exemplars, fineTune } = manifest;
  const files = { ...assets, exemplars, fineTune };
  for (const [name, { file }] of Object.entries(files)) {
    copyFileSync(sources[name].path, join(directory, file));
  }
  writeFileSync(join(directory, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * The manifest as a module for the scripts in dist/. Each file is spelt out as
 * `new URL("./assets/FILE", import.meta.url)`, the one form that bundlers follow: they emit the file
 * and put its new address there. Getters, since a script can be bundled for where there is no such address.
 */
export function manifestModule(manifest) {
  const toSource = (value) => {
    if (Array.isArray(value) || typeof value !== "object") return JSON.stringify(value);
    const fields = Object.entries(value).map(([key, inner]) => `${key}: ${toSource(inner)}`);
    if (value.file !== undefined) {
      const address = `new URL(${JSON.stringify(`./assets/${value.file}`)}, import.meta.url).href`;
      fields.push(`get url() { return ${address}; }`);
    }
    return `{ ${fields.join(", ")} }`;
  };
  return `export const SMARTSYNCH_MANIFEST = ${toSource(manifest)};\n`;
}

/** A safetensors file begins with the length of its JSON header (8 bytes, little-endian). */
function readSafetensorsMetadata(path) {
  try {
    const bytes = readFileSync(path);
    const length = Number(bytes.readBigUInt64LE(0));
    return JSON.parse(bytes.toString("utf8", 8, 8 + length)).__metadata__;
  } catch (cause) {
    throw new BuildError(`${path} is not a model file`, { cause });
  }
}

/** A head that was trained for other files would be refused in the page; better to say so here. */
function checkTogether(metadata, assets, sources) {
  const expected = {
    encoder: JSON.parse(metadata.encoder).sha256,
    vocabulary: metadata.vocabulary_sha256,
    tokenTable: metadata.token_table_sha256,
  };
  for (const [name, sha256] of Object.entries(expected)) {
    // A model without a token head takes any table, and makes no use of it.
    if (sha256 !== "" && assets[name].sha256 !== sha256) {
      throw new BuildError(
        `${sources[name].path} has SHA-256 ${assets[name].sha256}, ` +
          `but ${sources.model.path} was trained with ${name} ${sha256}`,
      );
    }
  }
}
