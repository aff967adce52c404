import { describe, expect, it } from "vitest";

import { type Manifest, resolveExemplars } from "../src/assets/manifest.js";

describe("resolveExemplars", () => {
  const base = new URL("https://example.org/assets/");
  const entry = { file: "exemplars.abc.safetensors", bytes: 3, sha256: "00" };
  const manifest = { assets: {}, exemplars: entry, categories: [] } as unknown as Manifest;

  it("takes the build's file, which is checked, or the address given", () => {
    const name = "exemplars";
    expect(resolveExemplars({}, base, manifest)).toEqual({
      name,
      url: `${base.href}exemplars.abc.safetensors`,
      bytes: 3,
      sha256: "00",
    });
    const chosen = resolveExemplars({ exemplarsUrl: "/mine" }, base, manifest);
    expect(chosen).toEqual({ name, url: "https://example.org/mine" });
    const unknown = resolveExemplars({ baseUrl: "/b" }, base, undefined);
    expect(unknown).toEqual({ name, url: "https://example.org/b/exemplars.safetensors" });
  });
});
