// The installed package in pages: by bundlers and by none, under a strict content policy. The files
// are found without configuration, or at the one address that `baseUrl` names.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import esbuild from "esbuild";
import { build as viteBuild, createLogger, createServer as viteServer } from "vite";
import webpack from "webpack";

import { launchBrowser } from "../e2e/support/browser.mjs";
import { installPackage } from "./support/installed.mjs";
import { policy, serve, visit } from "./support/site.mjs";

let browser, installed;
before(async () => {
  installed = installPackage();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  installed?.remove();
});

const RIGHT = {
  state: "ready",
  why: "",
  tiers: ["instant", "full"],
  best: ["development", "development"],
  picker: true,
};

/** The built page works, and so it does with the package's files on another host. */
async function works(t, folder, path = "/") {
  const elsewhere = await serve(t, join(installed.folder, "node_modules/smartsynch/dist/assets"), {
    "Access-Control-Allow-Origin": "*",
  });
  const headers = { "Content-Security-Policy": policy(elsewhere.origin) };
  const site = await serve(t, folder, headers);
  const here = await visit(t, browser, `${site.origin}${path}`);
  assert.deepEqual(here, { answer: RIGHT, complaints: [] });
  assert.deepEqual(
    site.requested.filter((line) => !line.startsWith("200")),
    [],
  );
  assert.deepEqual(elsewhere.requested, []);
  const there = await visit(t, browser, `${site.origin}${path}?assets=${elsewhere.origin}/`);
  assert.deepEqual(there, { answer: RIGHT, complaints: [] });
  assert.equal(elsewhere.requested.length, 6);
}

/** The app's folder with nothing in it but its sources and the installed package. */
const source = (name) => join(installed.folder, name);

test("Vite, built", async (t) => {
  const outDir = source("out-vite");
  const warnings = [];
  const customLogger = createLogger("warn");
  for (const kind of ["warn", "warnOnce", "error"])
    customLogger[kind] = (text) => warnings.push(text);
  await viteBuild({ root: installed.folder, base: "./", customLogger, build: { outDir } });
  // How long a plugin took is no fault of the package.
  assert.deepEqual(
    warnings.filter((text) => !text.includes("PLUGIN_TIMINGS")),
    [],
  );
  await works(t, outDir);
});

test("Vite, while developing", async (t) => {
  const server = await viteServer({
    root: installed.folder,
    logLevel: "error",
    server: { port: 0, host: "127.0.0.1", hmr: false, ws: false },
  });
  await server.listen();
  t.after(() => server.close());
  const { port } = server.httpServer.address();
  const { answer } = await visit(t, browser, `http://127.0.0.1:${port}/`);
  assert.deepEqual(answer, RIGHT);
});

test("webpack", async (t) => {
  const out = source("out-webpack");
  const stats = await promisify(webpack)({
    mode: "production",
    context: installed.folder,
    entry: "./app.js",
    output: { path: out, filename: "app.js" },
    performance: false,
  });
  assert.equal(stats.toString({ all: false, errors: true, warnings: true }), "");
  cpSync(source("index.html"), join(out, "index.html"));
  await works(t, out);
});

test("esbuild, which emits no files that a script names: they are copied beside the bundle", async (t) => {
  const out = source("out-esbuild");
  const { warnings } = await esbuild.build({
    absWorkingDir: installed.folder,
    entryPoints: ["app.js"],
    bundle: true,
    format: "esm",
    outdir: out,
    logLevel: "silent",
  });
  assert.deepEqual(warnings, []);
  for (const part of ["worker.js", "assets"]) {
    cpSync(source(`node_modules/smartsynch/dist/${part}`), join(out, part), { recursive: true });
  }
  cpSync(source("index.html"), join(out, "index.html"));
  await works(t, out);
});

test("a page with no bundler", async (t) => {
  const out = source("out-plain");
  mkdirSync(out);
  cpSync(source("node_modules/smartsynch/dist"), join(out, "smartsynch"), { recursive: true });
  cpSync(source("index.html"), join(out, "index.html"));
  const app = readFileSync(source("app.js"), "utf8")
    .replace('"smartsynch"', '"./smartsynch/index.js"')
    .replace('"smartsynch/picker/define"', '"./smartsynch/picker_define.js"');
  writeFileSync(join(out, "app.js"), app);
  await works(t, out);
});
