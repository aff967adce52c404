// Node.js that is too old: told by its version.
import { readFileSync } from "node:fs";

import { expect, it, vi } from "vitest";

import { checkNodeVersion } from "../src/base/node_version.js";
import { SmartSynchError } from "../src/errors.js";
import { SmartSynch } from "../src/node.js";
import { web } from "./support/paths.js";

it.each(["20.19.0", "20.20.1", "22.0.0", "100.1.0", "24.0.0-nightly"])("takes %s", (version) => {
  expect(() => {
    checkNodeVersion(version);
  }).not.toThrow();
});

it.each(["18.20.4", "20.18.3", "9.99.9", "0.12.18"])("refuses %s", (version) => {
  expect(() => {
    checkNodeVersion(version);
  }).toThrow(
    new SmartSynchError("incompatible", `this is Node.js ${version}, expected 20.19 or later`),
  );
});

it("is that of package.json", () => {
  const text = readFileSync(`${web}package.json`, "utf8");
  expect((JSON.parse(text) as { engines: { node: string } }).engines.node).toBe(">=20.19");
});

it("is asked before anything is loaded", async () => {
  vi.stubGlobal("process", { ...process, versions: { ...process.versions, node: "18.20.4" } });
  try {
    await expect(SmartSynch.create()).rejects.toThrow("this is Node.js 18.20.4");
  } finally {
    vi.unstubAllGlobals();
  }
});
