// The client and the page's own engine against the real server (the native release build).
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type * as Package from "../src/node.js";
import { HybridSynch, RemoteSynch } from "../src/remote/index.js";
import type { Prediction } from "../src/types.js";
import { dist, root } from "./support/paths.js";

const program =
  process.env["SMARTSYNCH_CLI"] ?? join(root, "build/native-release/tools/cli/smartsynch");
const serves =
  existsSync(program) && spawnSync(program, ["serve", "--help"], { cwd: root }).status === 0;
const built = existsSync(`${dist}node.js`);

describe.skipIf(!serves)("a real server", () => {
  const folder = mkdtempSync(join(tmpdir(), "smartsynch-remote-"));
  let server: ChildProcess;
  let remote: RemoteSynch;

  beforeAll(async () => {
    server = spawn(program, ["serve", "--port", "0", "--state", join(folder, "state")], {
      cwd: root,
      env: { ...process.env, SMARTSYNCH_HOME: root },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const baseUrl = await new Promise<string>((resolve, reject) => {
      server.once("exit", () => {
        reject(new Error("the server did not start"));
      });
      server.stdout?.once("data", (line) => {
        resolve(String(line).trim());
      });
    });
    remote = await RemoteSynch.create({ baseUrl, user: "u1", timeoutMs: 60_000 });
  }, 120_000);
  afterAll(() => {
    server.kill();
    rmSync(folder, { recursive: true });
  });

  it("answers every call of the client", async () => {
    expect(remote.categories().map(({ name }) => name)).toContain("Development");
    const one = await remote.predict({ title: "Fix login crash" });
    expect(one.suggestions[0]?.category).toBe("Development");
    expect(remote.modelVersion).toBe(one.modelVersion);
    const key = { idempotencyKey: "once" };
    const said = { title: "Fix login crash", category: "Design", taskId: "t1", shown: one };
    const first = await remote.feedback(said, key);
    expect(first.sequence).toBeGreaterThan(0);
    await expect(remote.feedback({ title: "a", category: "nothing" })).rejects.toMatchObject({
      name: "RemoteError",
      field: "category",
    });
  });

  it.skipIf(!built)(
    "decides as the device does, on every title, by either way",
    async () => {
      const { SmartSynch } = (await import(pathToFileURL(`${dist}node.js`).href)) as typeof Package;
      // The files that the server reads, whichever the package was built with.
      const file = (name: string): URL => pathToFileURL(join(root, "models/base_model", name));
      const local = await SmartSynch.create({
        urls: {
          model: file("model.safetensors"),
          tokenTable: file("token_table.safetensors"),
          vocabulary: file("vocab.txt"),
          encoder: file("encoder.onnx"),
        },
      });
      await local.ready();
      expect(local.modelVersion).toBe(remote.modelVersion);
      const { samples } = JSON.parse(
        readFileSync(join(root, "data/training_data.json"), "utf8"),
      ) as { samples: { title: string }[] };
      const tasks = samples.filter((_, at) => at % 5 === 0).map(({ title }) => ({ title }));
      const decisions = (predictions: Prediction[]): unknown[] =>
        predictions.map(({ decision, categoryId, suggestions }) => [
          decision,
          categoryId,
          suggestions[0]?.categoryId,
        ]);
      expect(tasks.length).toBeGreaterThan(300);
      const there = decisions(await remote.predictBatch(tasks));
      expect(decisions(await local.predictBatch(tasks))).toEqual(there);
      const hybrid = new HybridSynch({ local, remote, first: "remote" });
      expect(decisions(await hybrid.predictBatch(tasks))).toEqual(there);
      local.dispose();
    },
    300_000,
  );
});
