#!/usr/bin/env node
// Builds the three examples, and puts the package beside them as a server would have it.
//
//   node examples/build.mjs [--dist DIR] --out DIR      then serve DIR: /html/, /react/, /vue/
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { build } from "esbuild";

const examples = fileURLToPath(new URL(".", import.meta.url));

/** The package stays out of the bundle: it loads its worker and its files from where it stands. */
const packageBeside = {
  name: "package-beside",
  setup(build) {
    const scripts = { smartsynch: "index.js", "smartsynch/picker/define": "picker_define.js" };
    build.onResolve({ filter: /^smartsynch(\/|$)/ }, ({ path }) => ({
      path: `/smartsynch/${scripts[path]}`,
      external: true,
    }));
  },
};

/** A .vue file as a module. The custom element is none of Vue's components. */
const vueFiles = {
  name: "vue-files",
  setup(build) {
    build.onLoad({ filter: /\.vue$/ }, async ({ path }) => {
      const { compileScript, parse } = await import("vue/compiler-sfc");
      const { descriptor, errors } = parse(readFileSync(path, "utf8"), { filename: path });
      if (errors.length > 0) return { errors: errors.map(({ message }) => ({ text: message })) };
      const isCustomElement = (tag) => tag.startsWith("smartsynch-");
      const { content } = compileScript(descriptor, {
        id: "example",
        inlineTemplate: true,
        templateOptions: { compilerOptions: { isCustomElement } },
      });
      return { contents: content, loader: "js", resolveDir: examples };
    });
  },
};

/** Builds into `out`; `dist` is the built package. */
export async function buildExamples(dist, out) {
  if (!existsSync(join(examples, "node_modules/vue"))) {
    throw new Error("React and Vue are missing: run tools/setup.sh, or npm ci in web/examples");
  }
  await build({
    absWorkingDir: examples,
    bundle: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    define: {
      "process.env.NODE_ENV": '"production"',
      __VUE_OPTIONS_API__: "false",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
    logLevel: "warning",
    plugins: [packageBeside, vueFiles],
    entryPoints: ["html/app.js", "react/main.jsx", "vue/main.js"],
    outbase: ".",
    outdir: out,
  });
  for (const name of ["html", "react", "vue"]) {
    cpSync(join(examples, name, "index.html"), join(out, name, "index.html"));
  }
  for (const part of ["index.js", "picker.js", "picker_define.js", "worker.js", "assets"]) {
    cpSync(join(dist, part), join(out, "smartsynch", part), { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      dist: { type: "string", default: join(examples, "../dist") },
      out: { type: "string" },
    },
  });
  if (values.out === undefined) {
    console.error("usage: node examples/build.mjs [--dist DIR] --out DIR");
    process.exitCode = 2;
  } else {
    await buildExamples(resolve(values.dist), resolve(values.out));
  }
}
