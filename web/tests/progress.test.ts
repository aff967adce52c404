import { describe, expect, it } from "vitest";

import { ProgressSum } from "../src/assets/progress.js";
import type { LoadProgress } from "../src/types.js";

describe("ProgressSum", () => {
  it("never lets the share fall, when sizes appear late or a file is fetched twice", () => {
    const shares: number[] = [];
    const requests = [
      { name: "core" as const, url: "", bytes: 100 },
      { name: "encoder" as const, url: "" },
    ];
    const sum = new ProgressSum(requests, ({ share }) => shares.push(share));
    sum.update("core", 80, 100);
    sum.update("core", 10, 100);
    sum.update("encoder", 10, 0);
    sum.update("encoder", 20, 900);
    sum.update("core", 100, 100);
    sum.update("encoder", 900, 900);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
    sum.begin([{ name: "encoder", url: "", bytes: 900 }]);
    sum.update("encoder", 0, 900);
    expect(shares.at(-1)).toBe(0.1);
  });

  it("adds the files up against a total known from the start", () => {
    const seen: LoadProgress[] = [];
    const requests = [
      { name: "core" as const, url: "", bytes: 100 },
      { name: "encoder" as const, url: "", bytes: 900 },
    ];
    const sum = new ProgressSum(requests, (progress) => seen.push(progress));
    sum.onBytes("core")(50, 100);
    sum.onBytes("encoder")(300, 900);
    expect(seen).toEqual([
      { asset: "core", loadedBytes: 50, totalBytes: 1000, share: 0.05 },
      { asset: "encoder", loadedBytes: 350, totalBytes: 1000, share: 0.35 },
    ]);
  });
});
