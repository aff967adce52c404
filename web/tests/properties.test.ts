// Properties that hold for every input, over inputs that fast-check makes.
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { toWellFormed, toWellFormedJson } from "../src/base/well_formed.js";
import { Core } from "../src/core/core_module.js";
import { coreBytes } from "./support/paths.js";

const LIMITS = { numRuns: 60, seed: 7 };
/** UTF-16 of any kind, halves of pairs included. */
const utf16 = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) });
const text = fc.oneof(fc.string({ unit: "grapheme" }), utf16, fc.lorem({ maxCount: 6 }));

describe("well-formed text", () => {
  it("has no half of a pair, as long as before, and the same when made well-formed again", () => {
    fc.assert(
      fc.property(utf16, (value) => {
        const repaired = toWellFormed(value);
        expect(repaired).toHaveLength(value.length);
        expect(toWellFormed(repaired)).toBe(repaired);
        expect(() => encodeURIComponent(repaired)).not.toThrow();
      }),
    );
  });

  it("is what stands in JSON, whose other values stay", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), utf16), (value) => {
        const parsed = JSON.parse(toWellFormedJson(value)) as Record<string, string>;
        for (const key of Object.keys(value)) {
          expect(parsed[key]).toBe(toWellFormed(value[key] ?? ""));
        }
      }),
    );
  });
});

describe("Core", () => {
  let core: Core;
  beforeAll(async () => {
    core = await Core.create({ ...coreBytes(), cacheBytes: 20_000 });
  });
  afterAll(() => {
    core.dispose();
  });
  afterEach(() => {
    core.loadLog("");
  });

  it("gives probabilities: each within 0 and 1, best first, at most one together", () => {
    fc.assert(
      fc.property(text, text, (title, description) => {
        const { suggestions, novelty } = core.classifyInstant({ title, description });
        const confidences = suggestions.map(({ confidence }) => confidence);
        expect([...confidences].sort((a, b) => b - a)).toEqual(confidences);
        const sum = confidences.reduce((total, value) => total + value, 0);
        expect(sum).toBeLessThanOrEqual(1.0001);
        for (const value of [...confidences, novelty]) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      }),
      LIMITS,
    );
  });

  /** What users do: put a title into a category, add one, take the latest step back. */
  const step = fc.oneof(
    fc.record({ kind: fc.constant("changed"), title: text, category: fc.nat(4) }),
    fc.record({ kind: fc.constant("added"), title: text, category: fc.nat(4) }),
  );
  const apply = (steps: { kind: string; title: string; category: number }[]): number[] => {
    const done: number[] = [];
    for (const { kind, title, category } of steps) {
      try {
        const line =
          kind === "added"
            ? core.addCategory(title, 1).line
            : core.record({
                kind: "changed",
                time_ms: 1,
                title,
                category_id: core.categories()[category]?.id ?? "",
              });
        done.push((JSON.parse(line) as { sequence: number }).sequence);
      } catch {
        // A blank title or a name that is taken is refused; the step is then no step.
      }
    }
    return done;
  };

  it("reads its own export back: the same log, version and answers", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), text, (steps, title) => {
        core.loadLog("");
        apply(steps);
        const log = core.log();
        const version = core.info.modelVersion;
        const answer = core.classifyInstant({ title, description: "" });
        const exported = core.exportUserData();
        core.loadLog("");
        core.importUserData(exported);
        expect(core.log()).toBe(log);
        expect(core.info.modelVersion).toBe(version);
        expect(core.classifyInstant({ title, description: "" })).toEqual(answer);
      }),
      LIMITS,
    );
  });

  it("gives back what was before when a step is undone", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 5 }), step, text, (steps, last, title) => {
        core.loadLog("");
        apply(steps);
        const categories = core.categories();
        const answer = core.classifyInstant({ title, description: "" });
        const [sequence] = apply([last]);
        if (sequence !== undefined) core.undo(sequence, 2);
        expect(core.classifyInstant({ title, description: "" })).toEqual(answer);
        expect(core.categories()).toEqual(categories);
      }),
      LIMITS,
    );
  });

  it("keeps its cache within its bound", () => {
    const { dimension } = core.info;
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), (titles) => {
        for (const title of titles) {
          const task = { title, description: "" };
          const { ids, needsEncoder } = core.prepare(task);
          const rows = needsEncoder ? ids.length : 0;
          const hidden = new Float32Array(rows * dimension).fill(0.1);
          core.classifyHidden(task, hidden, rows);
          const { bytes, capacityBytes, entries } = core.cacheStatistics();
          expect(capacityBytes).toBe(20_000);
          expect(bytes).toBeLessThanOrEqual(capacityBytes);
          expect(entries).toBeLessThanOrEqual(capacityBytes / 100);
        }
      }),
      LIMITS,
    );
    expect(core.cacheStatistics().evictions).toBeGreaterThan(0);
  });
});
