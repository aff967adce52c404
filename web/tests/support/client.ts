import type { CheckedTask } from "../../src/base/tasks.js";
import type { FullTier, FullTierEvents, LoadFullTier } from "../../src/client/full_tier.js";
import { SmartSynchClient } from "../../src/client/smart_synch_client.js";
import type { Core } from "../../src/core/core_module.js";
import { disposedError } from "../../src/errors.js";
import type {
  CacheStatistics,
  CreateOptions,
  FineTuned,
  Notice,
  Prediction,
} from "../../src/types.js";
import { predictionFor } from "./predictions.js";

/** A full tier whose calls stay open until the test answers them. */
export class FakeTier implements FullTier {
  readonly calls: { title: string; resolve: () => void; reject: (error: Error) => void }[] = [];
  readonly threads = 1;
  disposed = 0;
  predict({ title }: CheckedTask): Promise<Prediction> {
    return new Promise((resolve, reject) => {
      const answer = (): void => {
        resolve(predictionFor(title, "full"));
      };
      this.calls.push({ title, resolve: answer, reject });
    });
  }
  predictBatch(tasks: CheckedTask[]): Promise<Prediction[]> {
    return Promise.resolve(tasks.map(({ title }) => predictionFor(title, "full")));
  }
  cacheStatistics(): Promise<CacheStatistics> {
    const none = { hits: 0, misses: 0, evictions: 0, entries: 0, bytes: 0 };
    return Promise.resolve({ ...none, capacityBytes: 1 });
  }
  readonly learnt: string[] = [];
  learn(line: string): Promise<string> {
    this.learnt.push(line);
    return Promise.resolve(line);
  }
  restore(lines: string): Promise<string> {
    this.learnt.push(...lines.split("\n").filter((line) => line !== ""));
    return Promise.resolve(lines);
  }
  fineTune(): Promise<FineTuned> {
    const none = { rows: 0, championRight: 0, challengerRight: 0 };
    const heads = new Uint8Array();
    const refused = { accepted: false, reason: "not trained", base: none, feedback: none };
    return Promise.resolve({ ...refused, heads, version: "" });
  }
  rests = 0;
  rest(): void {
    this.rests += 1;
  }
  useVersions(): Promise<void> {
    return Promise.resolve();
  }
  dispose(): void {
    this.disposed += 1;
    for (const { reject } of this.calls) reject(disposedError());
  }
}

class TestClient extends SmartSynchClient {
  static make(core: Core, load: LoadFullTier | null, options: CreateOptions): TestClient {
    return new TestClient(core, load, options);
  }
}

interface Loading {
  signal: AbortSignal;
  events: FullTierEvents;
  finish: (tier: FullTier) => void;
  fail: (error: Error) => void;
}

/** A client with a fake core, whose full tiers the test loads. */
export function setUp(options: CreateOptions = {}): {
  client: SmartSynchClient;
  loads: Loading[];
  notices: Notice[];
  coreDisposed: () => number;
} {
  const loads: Loading[] = [];
  const notices: Notice[] = [];
  let disposed = 0;
  const core = {
    info: { modelVersion: "m" },
    classifyInstant: ({ title }: CheckedTask) => predictionFor(title, "instant"),
    categories: () => [{ id: "design", name: "Design" }],
    addCategory: (name: string) => ({ id: name.toLowerCase(), name, line: "{}" }),
    log: () => "",
    dispose: () => {
      disposed += 1;
    },
  } as unknown as Core;
  const client = TestClient.make(
    core,
    options.encoder === false
      ? null
      : (signal, events) =>
          new Promise((finish, fail) => {
            loads.push({ signal, events, finish, fail });
          }),
    { onNotice: (notice) => notices.push(notice), ...options },
  );
  return { client, loads, notices, coreDisposed: () => disposed };
}
