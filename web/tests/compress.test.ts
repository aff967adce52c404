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
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { afterAll, expect, it } from "vitest";

import { compressFiles } from "../tools/compress.mjs";

const folder = mkdtempSync(join(tmpdir(), "smartsynch-compress-"));
const site = join(folder, "site");
const store = join(folder, "store");
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it("writes copies that give the file back, once for each content", async () => {
  const text = "the same words again ".repeat(500);
  mkdirSync(join(site, "assets"), { recursive: true });
  writeFileSync(join(site, "assets/a.wasm"), text);
  writeFileSync(join(site, "small.js"), "1");
  writeFileSync(join(site, "picture.png"), text);
  const noise = Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * i * 2654435761) >>> 24));
  writeFileSync(join(site, "noise.onnx"), noise);
  await compressFiles(site, store);
  const copy = (name: string): Buffer => readFileSync(join(site, name));
  expect(brotliDecompressSync(copy("assets/a.wasm.br")).toString()).toBe(text);
  expect(gunzipSync(copy("assets/a.wasm.gz")).toString()).toBe(text);
  for (const name of ["small.js.br", "picture.png.br"]) {
    expect(existsSync(join(site, name)), name).toBe(false);
  }
  // What is kept is used again: a mark put there reaches the next build.
  const [kept = ""] = readdirSync(store).filter((name) => name.endsWith(".br"));
  writeFileSync(join(store, kept), "kept");
  await compressFiles(site, store);
  const copies = ["assets/a.wasm.br", "noise.onnx.br"].filter((name) =>
    existsSync(join(site, name)),
  );
  expect(copies.map((name) => copy(name).toString())).toContain("kept");
});
