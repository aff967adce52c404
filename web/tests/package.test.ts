// What the build makes and what npm would publish.
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Manifest } from "../src/assets/manifest.js";
import { dist, web } from "./support/paths.js";
import { typeCheck } from "./support/type_check.js";

const folder = mkdtempSync(join(tmpdir(), "smartsynch-package-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("tools/build.mjs", () => {
  const build = (...args: string[]): { status: number | null; stderr: string } => {
    const command = ["tools/build.mjs", "--out", join(folder, "out"), ...args];
    const { status, stderr } = spawnSync(process.execPath, command, { cwd: web });
    return { status, stderr: stderr.toString() };
  };

  it.each([
    ["--core", "the glue file", "cmake --preset wasm-release"],
    ["--model", "the model file", "tools/smartsynch train"],
    ["--encoder", "the encoder file", "git checkout"],
    ["--vocabulary", "the vocabulary file", "git checkout"],
    ["--token-table", "the tokenTable file", "tools/smartsynch distill"],
  ])("says what is missing and what makes it: %s", (option, what, command) => {
    const { status, stderr } = build(option, "/nowhere");
    expect(status).toBe(1);
    expect(stderr).toContain(what);
    expect(stderr).toContain("/nowhere");
    expect(stderr).toContain(command);
    expect(existsSync(join(folder, "out"))).toBe(false);
  });

  it("refuses files that do not belong together", () => {
    const { status, stderr } = build("--vocabulary", join(web, "package.json"));
    expect(status).toBe(1);
    expect(stderr).toContain("was trained with vocabulary");
    expect(build("--model", join(web, "package.json")).stderr).toContain("is not a model file");
  });
});

describe.skipIf(!existsSync(`${dist}index.js`))("the package", () => {
  beforeAll(() => {
    execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], {
      cwd: web,
    });
    const [tarball = ""] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
    mkdirSync(join(folder, "app/node_modules/smartsynch"), { recursive: true });
    execFileSync("tar", [
      "-xzf",
      join(folder, tarball),
      "--strip-components=1",
      "-C",
      join(folder, "app/node_modules/smartsynch"),
    ]);
    writeFileSync(join(folder, "app/package.json"), '{ "type": "module" }');
  });

  it("works from an empty folder", () => {
    writeFileSync(
      join(folder, "app/right.js"),
      `import { SmartSynch } from "smartsynch";
       const synch = await SmartSynch.create();
       const { tier, suggestions } = await synch.predict({ title: "Fix login authentication bug" });
       console.log(tier, suggestions[0].category);
       synch.dispose();`,
    );
    const out = execFileSync(process.execPath, ["right.js"], { cwd: join(folder, "app") });
    expect(out.toString()).toBe("full Development\n");
  });

  it("has types that accept right use and refuse wrong use", { timeout: 300_000 }, () => {
    const check = (code: string, from = "smartsynch"): string => {
      writeFileSync(join(folder, "app/use.ts"), `import { SmartSynch } from "${from}";\n${code}`);
      return typeCheck(join(folder, "app"), ["use.ts"]);
    };
    expect(
      check(`const synch = await SmartSynch.create({ onProgress: (p) => p.loadedBytes });
             const p = await synch.predict({ title: "a" });
             const text: string | null = p.category;
             for await (const answer of synch.openField()) console.log(answer.tier, text);`),
    ).toBe("");
    expect(check(`(await SmartSynch.create()).predict({ titel: "a" });`)).toContain("TS2");
    expect(check(`new SmartSynch();`)).toContain("TS2674");
    for (const entry of ["index", "node"]) {
      const path = `./node_modules/smartsynch/dist/${entry}.js`;
      const wrong = `// @ts-expect-error -- no such field\nvoid synch.predict({ titel: "a" });`;
      expect(check(`const synch = await SmartSynch.create();\n${wrong}`, path)).toBe("");
    }
  });

  it("names every file in the form that bundlers follow", () => {
    const { assets, exemplars, fineTune } = JSON.parse(
      readFileSync(join(dist, "assets/manifest.json"), "utf8"),
    ) as Manifest;
    for (const entry of ["index.js", "node.js"]) {
      const script = readFileSync(join(dist, entry), "utf8");
      for (const file of [...Object.values(assets), exemplars, fineTune]) {
        const path = `"./assets/${file?.file ?? ""}"`;
        expect(script.replaceAll(", import", ",import")).toContain(
          `new URL(${path},import.meta.url)`,
        );
      }
    }
  });

  it("carries licences and no path of the machine it was built on", () => {
    const files = readdirSync(join(folder, "app/node_modules/smartsynch/dist"));
    expect(files).toEqual(expect.arrayContaining(["index.js", "node.js", "worker.js", "types"]));
    for (const file of ["index.js", "node.js", "worker.js"]) {
      const text = readFileSync(join(dist, file), "utf8");
      expect(text).not.toContain(web);
      expect(text).not.toMatch(/\beval\(|new Function\(/);
    }
  });
});
