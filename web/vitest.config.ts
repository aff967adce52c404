import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

const built = fileURLToPath(new URL("../build/wasm-release/wasm", import.meta.url));
const glue = `${process.env["SMARTSYNCH_WASM_DIR"] ?? built}/smartsynch_core.mjs`;

export default defineConfig({
  resolve: { alias: { "smartsynch-core-module": glue } },
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ["default"],
  },
});
