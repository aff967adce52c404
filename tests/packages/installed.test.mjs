// The installed package without a page: what npm and TypeScript say of it, Node.js, servers, Vitest, Jest.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { publint } from "publint";
import { formatMessage } from "publint/utils";

import { installPackage, lend, runTool } from "./support/installed.mjs";

let installed, manifest;
before(async () => {
  installed = installPackage();
  const at = join(installed.folder, "node_modules/smartsynch/package.json");
  ({ default: manifest } = await import(at, { with: { type: "json" } }));
});
after(() => installed?.remove());

const node = (...args) =>
  execFileSync(process.execPath, args, { cwd: installed.folder, encoding: "utf8" });

test("publint finds nothing", async () => {
  const pkgDir = join(installed.folder, "node_modules/smartsynch");
  const { messages } = await publint({ pkgDir, strict: true, pack: false });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, manifest)),
    [],
  );
});

test("attw finds nothing (the package is for ES modules alone)", () => {
  const args = [installed.tarball, "--profile", "esm-only", "--format", "ascii", "--no-emoji"];
  const { status, output } = runTool("@arethetypeswrong/cli/dist/index.js", args);
  assert.equal(status, 0, output);
  for (const entry of ["", "/picker", "/picker/define", "/remote"]) {
    assert.ok(output.includes(`"smartsynch${entry}"`), output);
  }
});

test("Node.js and a server: every entry is imported without a window", () => {
  assert.equal(node("server.js"), "undefined full Development function function function\n");
});

test("the installed folder has no file that is only of use here", () => {
  const files = execFileSync("tar", ["-tzf", installed.tarball], { encoding: "utf8" }).split("\n");
  assert.deepEqual(
    files.filter((name) => /\.(br|gz|ts\.map)$|node_modules|tests?\//.test(name)),
    [],
  );
  for (const name of ["README.md", "CHANGELOG.md", "dist/LICENSE", "dist/THIRD_PARTY_NOTICES.md"]) {
    assert.ok(files.includes(`package/${name}`), name);
  }
});

for (const moduleResolution of ["bundler", "node16", "nodenext"]) {
  test(`types, moduleResolution ${moduleResolution}`, () => {
    const compilerOptions = {
      module: moduleResolution === "bundler" ? "esnext" : moduleResolution,
      moduleResolution,
      target: "es2022",
      lib: ["es2022", "dom", "dom.iterable"],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    const config = join(installed.folder, "tsconfig.json");
    writeFileSync(config, JSON.stringify({ compilerOptions, files: ["use.ts"] }));
    const { status, output } = runTool("typescript/bin/tsc", ["-p", config]);
    assert.equal(output, "");
    assert.equal(status, 0);
  });
}

test("Vitest", () => {
  lend(installed.folder, "vitest");
  const args = ["run", "--root", installed.folder, "runners/vitest.test.js"];
  const { status, output } = runTool("vitest/vitest.mjs", args, { cwd: installed.folder });
  assert.equal(status, 0, output);
  assert.match(output, /1 passed/);
});

test("Jest, with the option of Node.js that its ES modules need", () => {
  const args = ["--rootDir", installed.folder, "--testMatch", "**/runners/jest.test.js"];
  const { status, output } = runTool("jest/bin/jest.js", args, {
    cwd: installed.folder,
    env: { NODE_OPTIONS: "--experimental-vm-modules" },
  });
  assert.equal(status, 0, output);
});
