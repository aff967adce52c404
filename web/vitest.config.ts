import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

const glue = fileURLToPath(
  new URL("../build/wasm-release/wasm/smartsynch_core.mjs", import.meta.url),
);

export default defineConfig({
  resolve: { alias: { "smartsynch-core-module": glue } },
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ["default"],
  },
});
