import { createHash } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it, vi } from "vitest";

import { fetchAsset } from "../src/assets/fetch_asset.js";
import { type Manifest, resolveAssets, resolveWorker } from "../src/assets/manifest.js";
import { readAsset } from "../src/assets/read_asset.js";
import { root } from "./support/paths.js";

const WASM = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

let server: Server | undefined;
async function serve(listener: RequestListener): Promise<string> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${String((started.address() as AddressInfo).port)}/core.wasm`;
}
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  vi.unstubAllGlobals();
});

describe("fetchAsset", () => {
  it("gives the bytes and reports them", async () => {
    const url = await serve((_, response) => response.end(WASM));
    const seen: number[][] = [];
    const bytes = await fetchAsset(
      { name: "core", url, bytes: 8, sha256: sha256(WASM) },
      { onBytes: (...counts) => seen.push(counts) },
    );
    expect(Buffer.from(bytes)).toEqual(WASM);
    expect(seen.at(-1)).toEqual([8, 8]);
  });

  it.each([404, 500, 403])("names address and status of HTTP %d", async (status) => {
    const url = await serve((_, response) => response.writeHead(status).end("no"));
    await expect(fetchAsset({ name: "core", url }, {})).rejects.toMatchObject({
      name: "AssetError",
      codeName: "unavailable",
      url,
      status,
      message: `${url} (HTTP ${String(status)}) could not be loaded`,
    });
  });

  it("refuses an HTML page by its type", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end("<html>");
    });
    await expect(fetchAsset({ name: "core", url }, {})).rejects.toMatchObject({
      codeName: "invalid_data",
      url,
      status: 200,
      message: expect.stringContaining("is an HTML page") as string,
    });
  });

  it("refuses a page that claims to be WebAssembly", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { "Content-Type": "application/wasm" }).end("<!doctype html>");
    });
    await expect(fetchAsset({ name: "runtime", url }, {})).rejects.toMatchObject({
      codeName: "invalid_data",
      status: 200,
      message: `${url} (HTTP 200) is not a WebAssembly file: it begins with 3c21646f`,
    });
  });

  it("refuses another file than the build's", async () => {
    const url = await serve((_, response) => response.end(WASM));
    const request = { name: "core" as const, url, sha256: "0".repeat(64) };
    await expect(fetchAsset(request, {})).rejects.toMatchObject({
      codeName: "invalid_data",
      message: expect.stringContaining(sha256(WASM)) as string,
    });
  });

  it("does without the hash where the platform has none", async () => {
    vi.stubGlobal("crypto", {});
    const url = await serve((_, response) => response.end(WASM));
    const request = { name: "core" as const, url, sha256: "0".repeat(64) };
    await expect(fetchAsset(request, {})).resolves.toHaveLength(8);
  });

  it("tells when nobody answers", async () => {
    const url = await serve((request) => request.socket.destroy());
    await expect(fetchAsset({ name: "core", url }, {})).rejects.toMatchObject({
      codeName: "unavailable",
      url,
      status: 0,
    });
  });

  it("tells when the answer breaks off", async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { "Content-Length": 100 });
      response.write(WASM, () => setTimeout(() => request.socket.destroy(), 20));
    });
    await expect(fetchAsset({ name: "core", url }, {})).rejects.toMatchObject({
      codeName: "unavailable",
      status: 200,
      message: expect.stringContaining("broke off after") as string,
    });
  });

  it("stops with the signal's reason, before and during the answer", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200);
      response.write(WASM);
    });
    const aborted = fetchAsset({ name: "core", url }, { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    const controller = new AbortController();
    const running = fetchAsset(
      { name: "core", url },
      {
        signal: controller.signal,
        onBytes: () => {
          controller.abort();
        },
      },
    );
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("readAsset", () => {
  it("reads from disk, and names what is not there", async () => {
    const url = new URL(`file://${root}LICENSE`).href;
    await expect(readAsset({ name: "model", url }, {})).resolves.toBeInstanceOf(Uint8Array);
    const missing = `${url}-missing`;
    await expect(readAsset({ name: "model", url: missing }, {})).rejects.toMatchObject({
      name: "AssetError",
      url: missing,
      status: 0,
    });
    await expect(readAsset({ name: "core", url }, {})).rejects.toThrow("not a WebAssembly file");
  });
});

describe("resolveWorker", () => {
  const base = new URL("https://host/app/worker.js");

  it.each([
    [undefined, "https://host/app/worker.js"],
    ["/static/worker.js", "https://host/static/worker.js"],
    ["other.js", "https://host/app/other.js"],
    [new URL("https://cdn/w.js"), "https://cdn/w.js"],
  ])("%s", (workerUrl, address) => {
    expect(resolveWorker({ workerUrl }, base).href).toBe(address);
  });

  it("names what is wrong", () => {
    expect(() => resolveWorker({ workerUrl: "http://[" }, base)).toThrow(
      expect.objectContaining({ codeName: "invalid_argument", field: "workerUrl" }),
    );
  });
});

describe("resolveAssets", () => {
  const entry = (file: string): Manifest["assets"]["core"] => ({ file, bytes: 1, sha256: "f" });
  const manifest: Manifest = {
    assets: {
      core: entry("core.1.wasm"),
      model: entry("model.1.safetensors"),
      vocabulary: entry("vocab.1.txt"),
      tokenTable: entry("token_table.1.safetensors"),
      runtime: entry("ort.1.wasm"),
      encoder: entry("model.1.onnx"),
    },
    categories: [],
  };
  const base = new URL("https://host/app/assets/");

  it("takes a file from where a bundler put it, unless a folder is named", () => {
    const url = "https://cdn.example/0c4a.onnx";
    const entry = { ...manifest.assets.encoder, url };
    const bundled = { ...manifest, assets: { ...manifest.assets, encoder: entry } };
    expect(resolveAssets({}, base, bundled).encoder.url).toBe(url);
    const named = resolveAssets({ baseUrl: "/files" }, base, bundled).encoder.url;
    expect(named).toBe(new URL(`/files/${entry.file}`, base).href);
  });

  it("takes the build's names below the base", () => {
    const requests = resolveAssets({}, base, manifest);
    expect(requests.core).toEqual({
      name: "core",
      url: "https://host/app/assets/core.1.wasm",
      bytes: 1,
      sha256: "f",
    });
    const other = resolveAssets({ baseUrl: "../static" }, base, manifest);
    expect(other.encoder.url).toBe("https://host/app/static/model.1.onnx");
  });

  it("asks for no hash of a file that the caller chose", () => {
    const requests = resolveAssets({ urls: { model: "mine.safetensors" } }, base, manifest);
    expect(requests.model).toEqual({
      name: "model",
      url: "https://host/app/assets/mine.safetensors",
    });
  });

  it("names what is wrong", () => {
    expect(() => resolveAssets({ baseUrl: "http://[" }, base, manifest)).toThrow(
      expect.objectContaining({ field: "baseUrl" }),
    );
    expect(() => resolveAssets({}, base, undefined)).toThrow(
      expect.objectContaining({ field: "urls.core" }),
    );
  });
});
