import { describe, expect, it } from "vitest";

import { type Manifest, resolveFineTuneFiles } from "../src/assets/manifest.js";

describe("resolveFineTuneFiles", () => {
  const base = new URL("https://example.org/assets/");
  const manifest = {
    assets: {},
    exemplars: { file: "exemplars.abc.safetensors", bytes: 3, sha256: "00" },
    fineTune: { file: "smartsynch_fine_tune.def.wasm", bytes: 5, sha256: "11" },
    categories: [],
  } as unknown as Manifest;

  it("takes the build's files, which are checked", () => {
    expect(resolveFineTuneFiles({}, base, manifest)).toEqual({
      module: {
        name: "fineTune",
        url: `${base.href}smartsynch_fine_tune.def.wasm`,
        bytes: 5,
        sha256: "11",
      },
      exemplars: {
        name: "exemplars",
        url: `${base.href}exemplars.abc.safetensors`,
        bytes: 3,
        sha256: "00",
      },
    });
  });

  it("takes the addresses given, and plain names where the build knows none", () => {
    const given = { exemplarsUrl: "/mine", fineTuneUrl: "yours.wasm" };
    const { module, exemplars } = resolveFineTuneFiles(given, base, manifest);
    expect(exemplars).toEqual({ name: "exemplars", url: "https://example.org/mine" });
    expect(module).toEqual({ name: "fineTune", url: `${base.href}yours.wasm` });
    const unknown = resolveFineTuneFiles({ baseUrl: "/b" }, base, undefined);
    expect(unknown.module.url).toBe("https://example.org/b/smartsynch_fine_tune.wasm");
    expect(unknown.exemplars.url).toBe("https://example.org/b/exemplars.safetensors");
    const wrong = { fineTuneUrl: "http://[" };
    expect(() => resolveFineTuneFiles(wrong, base, manifest)).toThrow("fineTuneUrl");
  });
});
