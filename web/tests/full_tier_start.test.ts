import { describe, expect, it } from "vitest";

import { fullTierStart } from "../src/client/full_tier_start.js";
import { setUp } from "./support/client.js";

describe("fullTierStart", () => {
  it.each([
    [{}, false, "now"],
    [{}, true, "later"],
    [{ fullTier: "auto" }, true, "later"],
    [{ fullTier: "always" }, true, "now"],
    [{ fullTier: "never" }, false, "never"],
    [{ encoder: false, fullTier: "always" }, false, "never"],
  ] as const)("%j, saving data: %s", (options, saveData, start) => {
    expect(fullTierStart(options, saveData)).toBe(start);
  });

  it("names a wrong value", () => {
    expect(() => fullTierStart({ fullTier: "sometimes" as never })).toThrow(
      expect.objectContaining({ codeName: "invalid_argument", field: "options.fullTier" }),
    );
  });
});

describe("a full tier that waits", () => {
  it("is loaded when asked for, and the instant tier answers until then", async () => {
    const navigator = Object.getOwnPropertyDescriptor(globalThis, "navigator");
    Object.defineProperty(globalThis, "navigator", {
      configurable: true,
      value: { connection: { saveData: true } },
    });
    try {
      const { client, loads } = setUp();
      expect(loads).toHaveLength(0);
      expect(await client.ready()).toEqual({ status: "waiting" });
      expect(await client.predict({ title: "a" })).toMatchObject({ tier: "instant" });
      void client.retryFullTier();
      expect(loads).toHaveLength(1);
      expect(client.fullTier).toEqual({ status: "loading" });
    } finally {
      if (navigator) Object.defineProperty(globalThis, "navigator", navigator);
      else Reflect.deleteProperty(globalThis, "navigator");
    }
  });
});
