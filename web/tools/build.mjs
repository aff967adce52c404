#!/usr/bin/env node
// Builds web/dist: the package (index.js, node.js, worker.js, types), its files (assets/) and the
// demo page.
//
//   node tools/build.mjs [--core DIR] [--model FILE] [--encoder FILE] [--vocabulary FILE]
//                        [--token-table FILE] [--exemplars FILE] [--out DIR]
//
// Needs what other parts of the project make; what is missing is named with the command that makes
// it.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { build } from "esbuild";

import {
  copyAssets,
  describeAssets,
  describeExemplars,
  describeFineTune,
  manifestModule,
} from "./assets.mjs";
import { compressFiles } from "./compress.mjs";
import {
  builtInManifest,
  packageFromDist,
  pickerFromDist,
  plainAssetNames,
} from "./esbuild_plugins.mjs";

const web = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const root = dirname(web);

const { values: args } = parseArgs({
  options: {
    core: { type: "string", default: join(root, "build/wasm-release/wasm") },
    model: { type: "string", default: join(root, "models/base_model/model.safetensors") },
    encoder: { type: "string", default: join(root, "models/base_model/encoder.onnx") },
    vocabulary: { type: "string", default: join(root, "models/base_model/vocab.txt") },
    "token-table": {
      type: "string",
      default: join(root, "models/base_model/token_table.safetensors"),
    },
    exemplars: { type: "string", default: join(root, "models/base_model/exemplars.safetensors") },
    out: { type: "string", default: join(web, "dist") },
    help: { type: "boolean", short: "h", default: false },
  },
});

const dist = resolve(args.out);

/** The six files, and what makes each when it is not there. */
const sources = {
  core: {
    path: resolve(args.core, "smartsynch_core.wasm"),
    make: "cmake --preset wasm-release && cmake --build --preset wasm-release",
  },
  model: { path: resolve(args.model), make: "tools/smartsynch train" },
  vocabulary: { path: resolve(args.vocabulary), make: "git checkout -- models/base_model" },
  tokenTable: { path: resolve(args["token-table"]), make: "tools/smartsynch distill" },
  runtime: {
    path: join(
      dirname(createRequire(import.meta.url).resolve("onnxruntime-web/wasm")),
      "ort-wasm-simd-threaded.wasm",
    ),
    make: "npm ci",
  },
  encoder: { path: resolve(args.encoder), make: "git checkout -- models/base_model" },
};

/** Fetched when a fine-tuning first needs them. */
const exemplars = { path: resolve(args.exemplars), make: "tools/smartsynch train --exemplars" };
const fineTune = {
  path: resolve(args.core, "smartsynch_fine_tune.wasm"),
  make: sources.core.make,
};

async function main() {
  const glue = resolve(args.core, "smartsynch_core.mjs");
  const manifest = describeAssets({ ...sources, glue: { path: glue, make: sources.core.make } });
  manifest.exemplars = describeExemplars(exemplars, manifest.assets.model);
  manifest.fineTune = describeFineTune(fineTune);
  rmSync(dist, { recursive: true, force: true });
  copyAssets({ ...sources, exemplars, fineTune }, manifest, join(dist, "assets"));

  const shared = {
    absWorkingDir: web,
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    sourcemap: true,
    legalComments: "linked",
    logLevel: "warning",
    alias: { "smartsynch-core-module": glue },
    plugins: [plainAssetNames, builtInManifest(manifestModule(manifest))],
    outdir: dist,
  };
  await build({
    ...shared,
    platform: "browser",
    entryPoints: { index: "src/index.ts", worker: "src/worker/main.ts" },
  });
  // Not minified: Node.js prints the line of an error that nobody caught, and nothing is downloaded.
  await build({
    ...shared,
    platform: "node",
    minify: false,
    entryPoints: { node: "src/node.ts" },
  });
  // The element stands apart: who does not use it does not load Lit.
  await build({
    ...shared,
    platform: "browser",
    entryPoints: { picker: "src/element/index.ts", picker_define: "src/element/define.ts" },
    plugins: [pickerFromDist],
    inject: ["tools/without_page.js"],
    alias: {},
  });
  // Who only asks a server loads neither core nor files; in Node as in a page.
  await build({
    ...shared,
    platform: "neutral",
    entryPoints: { remote: "src/remote/index.ts" },
    alias: {},
    plugins: [],
  });
  // The page imports the package as anybody would, from its own address.
  await build({
    ...shared,
    platform: "browser",
    entryPoints: { "demo/app": "demo/app.ts", "demo/style": "demo/styles/style.css" },
    plugins: [packageFromDist],
    alias: {},
  });
  cpSync(join(root, "LICENSE"), join(dist, "LICENSE"));
  cpSync(join(web, "THIRD_PARTY_NOTICES.md"), join(dist, "THIRD_PARTY_NOTICES.md"));
  for (const file of DEMO_FILES) cpSync(join(web, "demo", file), join(dist, "demo", file));
  await buildServiceWorker(shared, manifest);
  emitTypes();
  await compressFiles(dist, join(root, ".cache/compressed"));
}

const DEMO_FILES = [
  ...["index.html", "manifest.webmanifest", "icon.svg"],
  ...["icon-192.png", "icon-512.png", "icon-maskable-512.png"],
];

/** What the page needs beside the files in assets/, which the package keeps itself. */
const PAGE_FILES = [
  ...["demo/", "demo/app.js", "demo/style.css", "demo/manifest.webmanifest"],
  ...["demo/icon.svg", "demo/icon-192.png"],
  ...["index.js", "worker.js", "picker.js", "picker_define.js"],
];

/** At the root of dist/, since a service worker answers for its own folder and those below. */
async function buildServiceWorker(shared, { assets, exemplars, fineTune }) {
  const files = PAGE_FILES.map((url) => {
    const bytes = readFileSync(join(dist, url.endsWith("/") ? `${url}index.html` : url));
    return { url, sha256: createHash("sha256").update(bytes).digest("hex") };
  });
  const kept = [...Object.values(assets), exemplars, fineTune];
  const assetFiles = kept.map(({ file, sha256 }) => {
    return { url: `assets/${file}`, sha256 };
  });
  const version = createHash("sha256")
    .update(JSON.stringify([files, assetFiles]))
    .digest("hex");
  await build({
    ...shared,
    platform: "browser",
    sourcemap: false,
    alias: {},
    define: {
      PAGE_FILES: JSON.stringify(files),
      PAGE_ASSETS: JSON.stringify(assetFiles),
      PAGE_VERSION: JSON.stringify(version.slice(0, 12)),
    },
    entryPoints: { service_worker: "demo/service_worker.ts" },
  });
}

/** Declarations of the package's own sources, and beside them those of the WebAssembly module. */
function emitTypes() {
  const types = join(dist, "types");
  const tsc = join(web, "node_modules/typescript/bin/tsc");
  const project = join(web, "tsconfig.types.json");
  execFileSync(process.execPath, [tsc, "-p", project, "--outDir", types], { stdio: "inherit" });
  cpSync(join(root, "wasm/smartsynch_core.d.ts"), join(types, "core/smartsynch_core.d.ts"));
  for (const name of readdirSync(join(types, "core"))) {
    const user = join(types, "core", name);
    const text = readFileSync(user, "utf8");
    writeFileSync(user, text.replaceAll('"smartsynch-core-module"', '"./smartsynch_core.js"'));
  }
  // For those who import a script by its path, TypeScript looks beside it.
  const entries = {
    ...{ index: "index", node: "node", picker: "element/index" },
    remote: "remote/index",
  };
  for (const [entry, source] of Object.entries({ ...entries, picker_define: "element/define" })) {
    writeFileSync(join(dist, `${entry}.d.ts`), `export * from "./types/${source}.js";\n`);
  }
  // Started by its address, never imported.
  writeFileSync(join(dist, "worker.d.ts"), "export {};\n");
}

if (args.help) {
  console.log(
    "usage: node tools/build.mjs [--core DIR] [--model FILE] [--encoder FILE] [--vocabulary FILE] [--token-table FILE] [--out DIR]",
  );
} else {
  try {
    await main();
  } catch (error) {
    // esbuild and tsc have printed theirs already.
    console.error(`build: ${error.message}`);
    process.exitCode = 1;
  }
}
