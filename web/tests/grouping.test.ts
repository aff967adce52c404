import { describe, expect, it } from "vitest";

import { groupByLength, MAX_GROUP_SIZE, MAX_GROUP_TOKENS } from "../src/engine/grouping.js";

const ofLengths = (...lengths: number[]): Int32Array[] => lengths.map((n) => new Int32Array(n));

describe("groupByLength", () => {
  it("has nothing to group", () => {
    expect(groupByLength([])).toEqual([]);
  });

  it("puts neighbours in length together", () => {
    expect(groupByLength(ofLengths(9, 3, 9, 3))).toEqual([[1, 3, 0, 2]]);
  });

  it("keeps every group within its limits, and every text in exactly one", () => {
    const lengths = Array.from({ length: 500 }, (_, i) => 2 + ((i * 7919) % 255));
    const ids = ofLengths(...lengths);
    const groups = groupByLength(ids);
    for (const group of groups) {
      const longest = Math.max(...group.map((i) => lengths[i] ?? 0));
      expect(group.length).toBeLessThanOrEqual(MAX_GROUP_SIZE);
      expect(longest * group.length).toBeLessThanOrEqual(MAX_GROUP_TOKENS);
    }
    expect(groups.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
  });

  it("gives a text beyond the limit a group of its own", () => {
    expect(groupByLength(ofLengths(MAX_GROUP_TOKENS + 1, 2))).toEqual([[1], [0]]);
  });
});
