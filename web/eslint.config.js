import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** What scripts under Node and functions that tests hand to a page may name. */
const SCRIPT_GLOBALS = [
  ...["Buffer", "console", "process", "URL", "performance", "setTimeout", "fetch"],
  ...[
    "document",
    "window",
    "AbortController",
    "AbortSignal",
    "DOMException",
    "Event",
    "MutationObserver",
  ],
  ...["caches", "navigator", "crypto", "Response", "TextEncoder", "PerformanceObserver"],
  ...["MessageChannel", "WebAssembly", "indexedDB", "getComputedStyle"],
];

export default tseslint.config(
  { ignores: ["dist/", "node_modules/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "no-console": "error",
      "max-lines": ["error", 250],
    },
  },
  {
    // Each layer sees the ones below it and no other: the page and the worker share messages only.
    files: ["src/client/**/*.ts", "src/index.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: ["**/worker/*", "**/engine/*", "**/encoder/*", "**/local_tier.js"] },
      ],
    },
  },
  {
    files: ["src/worker/**/*.ts", "src/engine/**/*.ts", "src/core/**/*.ts", "src/encoder/**/*.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: ["**/client/*"] }] },
  },
  {
    files: ["demo/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^(\\.\\./)+src/(?!(index|element/define)\\.js$)" }] },
      ],
    },
  },
  {
    files: ["**/*.mjs", "examples/**/*.js"],
    languageOptions: {
      globals: Object.fromEntries(SCRIPT_GLOBALS.map((name) => [name, false])),
    },
  },
);
