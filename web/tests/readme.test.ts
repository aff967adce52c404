// README.md's code is compiled, and what is marked with <!-- run --> is run.
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { dist, web } from "./support/paths.js";
import { typeCheck } from "./support/type_check.js";

const text = readFileSync(`${web}README.md`, "utf8");
const snippets = [...text.matchAll(/(<!-- run -->\s+)?```ts\n(.*?)```/gs)].map(
  ([, mark, code = ""], index) => ({
    name: `snippet ${String(index + 1)}`,
    run: mark !== undefined,
    code,
  }),
);

describe.skipIf(!existsSync(`${dist}index.js`))("README.md", () => {
  const folder = mkdtempSync(join(tmpdir(), "smartsynch-readme-"));
  beforeAll(() => {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(web, join(folder, "node_modules/smartsynch"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it("has snippets, some of them to run", () => {
    expect(snippets.length).toBeGreaterThanOrEqual(4);
    expect(snippets.filter(({ run }) => run).length).toBeGreaterThanOrEqual(2);
  });

  it("compiles", () => {
    for (const { name, code } of snippets) writeFileSync(join(folder, `${name}.ts`), code);
    expect(
      typeCheck(
        folder,
        snippets.map(({ name }) => `${name}.ts`),
      ),
    ).toBe("");
  });

  it.each(snippets.filter(({ run }) => run))("runs: $name", ({ name, code }) => {
    writeFileSync(join(folder, `${name}.mjs`), code);
    const output = execFileSync(process.execPath, [`${name}.mjs`], { cwd: folder });
    expect(output.toString()).toMatch(/^(selected: Development|file:.*missing\.wasm 0)\n$/);
  });
});
