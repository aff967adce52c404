// Small changes to what esbuild reads.
import { readFile } from "node:fs/promises";

/**
 * Emscripten's glue and ONNX Runtime name their .wasm files beside the script, in a form that other
 * bundlers would follow into a file that is not there: SmartSynch passes the bytes instead. Hiding
 * import.meta.url behind a name keeps those bundlers from it.
 */
export const plainAssetNames = {
  name: "plain-asset-names",
  setup(build) {
    build.onLoad({ filter: /(smartsynch_core|ort\.wasm\.bundle\.min)\.mjs$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const contents = source.replace(
        /new URL\(("[\w.-]+\.wasm"),\s*import\.meta\.url\)/g,
        "new URL($1,thisScript)",
      );
      return { contents: `const thisScript=import.meta.url;${contents}`, loader: "js" };
    });
  },
};

/** Gives the scripts the manifest: `source` is a module that exports SMARTSYNCH_MANIFEST. */
export function builtInManifest(source) {
  return {
    name: "built-in-manifest",
    setup(build) {
      const name = "smartsynch-manifest";
      build.initialOptions.inject = [name];
      build.onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path: name, namespace: name }));
      build.onLoad({ filter: /./, namespace: name }, () => ({ contents: source, loader: "js" }));
    },
  };
}

/** The demo imports the package's built entries, as any page would, not a second copy of the code. */
export const packageFromDist = {
  name: "package-from-dist",
  setup(build) {
    for (const [filter, path] of [
      [/\/src\/index\.js$/, "../index.js"],
      [/\/src\/element\/define\.js$/, "../picker_define.js"],
    ]) {
      build.onResolve({ filter }, () => ({ path, external: true }));
    }
  },
};

/** Registering the element uses the class of the other script: there is one class, however imported. */
export const pickerFromDist = {
  name: "picker-from-dist",
  setup(build) {
    build.onResolve({ filter: /^\.\/index\.js$/ }, () => ({
      path: "./picker.js",
      external: true,
    }));
  },
};
