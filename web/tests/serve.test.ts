import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { CONTENT_SECURITY_POLICY, createStaticServer } from "../tools/serve.mjs";
import { web } from "./support/paths.js";

const serveScript = `${web}tools/serve.mjs`;
const folder = mkdtempSync(join(tmpdir(), "smartsynch-serve-"));
const site = join(folder, "site");
let server: Server;
let port: number;

beforeAll(async () => {
  mkdirSync(join(site, "demo"), { recursive: true });
  writeFileSync(join(site, "demo/index.html"), "<p>demo");
  writeFileSync(join(site, "core.0123456789ab.wasm"), "wasm");
  writeFileSync(join(site, "core.0123456789ab.wasm.br"), "brotli copy");
  writeFileSync(join(site, "core.0123456789ab.wasm.gz"), "gzip copy");
  writeFileSync(join(site, "worker.js"), "1");
  writeFileSync(join(folder, "secret.txt"), "secret");
  server = createStaticServer(site);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** A request whose path is sent as it is, which fetch() would tidy up. */
async function request(
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number | undefined; headers: IncomingMessage["headers"]; body: string }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, ...options }, resolve).on("error", reject);
  });
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, headers: response.headers, body };
}

describe("createStaticServer", () => {
  it("sends the strict policy with everything", async () => {
    for (const path of ["/demo/", "/worker.js", "/nothing"]) {
      const { headers } = await request(path);
      expect(headers["content-security-policy"]).toBe(CONTENT_SECURITY_POLICY);
      expect(headers["x-content-type-options"]).toBe("nosniff");
    }
    expect(CONTENT_SECURITY_POLICY).toBe(
      "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'",
    );
  });

  it.each([
    ["/demo/", "text/html; charset=utf-8", "no-cache"],
    ["/worker.js?x=1", "text/javascript; charset=utf-8", "no-cache"],
    ["/core.0123456789ab.wasm", "application/wasm", "public, max-age=31536000, immutable"],
  ])("sends %s as %s", async (path, type, cache) => {
    const { status, headers } = await request(path);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "content-type": type, "cache-control": cache });
  });

  it.each([
    ["br, gzip", "br", "brotli copy"],
    ["gzip, deflate", "gzip", "gzip copy"],
    ["br;q=0, gzip;q=0.5", "gzip", "gzip copy"],
    ["", undefined, "wasm"],
    ["identity", undefined, "wasm"],
  ])("answers Accept-Encoding %j with %s", async (accepted, encoding, body) => {
    const headers = { "Accept-Encoding": accepted };
    const answer = await request("/core.0123456789ab.wasm", { headers });
    expect(answer.body).toBe(body);
    expect(answer.headers["content-encoding"]).toBe(encoding);
    expect(answer.headers).toMatchObject({
      "content-type": "application/wasm",
      "content-length": String(body.length),
      vary: "Accept-Encoding",
    });
    const match = { ...headers, "If-None-Match": answer.headers.etag ?? "" };
    expect((await request("/core.0123456789ab.wasm", { headers: match })).status).toBe(304);
  });

  it("does not send a copy that is older than its file", async () => {
    writeFileSync(join(site, "old.js"), "new");
    writeFileSync(join(site, "old.js.br"), "old");
    utimesSync(join(site, "old.js.br"), 1, 1);
    const answer = await request("/old.js", { headers: { "Accept-Encoding": "br" } });
    expect(answer.body).toBe("new");
  });

  it("answers 304 while the file is the same", async () => {
    const { headers } = await request("/worker.js");
    const match = { "If-None-Match": headers.etag ?? "" };
    expect((await request("/worker.js", { headers: match })).status).toBe(304);
    writeFileSync(join(site, "worker.js"), "two");
    const changed = await request("/worker.js", { headers: match });
    expect(changed).toMatchObject({ status: 200, body: "two" });
  });

  it("leads from the root to the demo", async () => {
    expect(await request("/")).toMatchObject({ status: 302, headers: { location: "/demo/" } });
  });

  it.each([
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/demo/%2e%2e%2f%2e%2e%2fsecret.txt",
    "//../secret.txt",
    "/%00",
    "/%zz",
    "/demo",
    "/nothing.wasm",
  ])("finds nothing at %s", async (path) => {
    const { status, body, headers } = await request(path);
    expect(status).toBe(404);
    expect(headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(body).not.toContain("secret");
  });

  it("answers HEAD without a body, and refuses to be written to", async () => {
    const head = await request("/demo/", { method: "HEAD" });
    expect(head).toMatchObject({ status: 200, body: "", headers: { "content-length": "7" } });
    expect((await request("/demo/", { method: "POST" })).status).toBe(405);
  });
});

describe("tools/serve.mjs", () => {
  it("prints its address", async () => {
    const child = spawn(process.execPath, [serveScript, "--root", site, "--port", "0"]);
    const line = await new Promise<string>((resolve) => {
      child.stdout.once("data", (data: Buffer) => {
        resolve(data.toString());
      });
    });
    child.kill();
    expect(line).toMatch(/^SmartSynch demo: http:\/\/127\.0\.0\.1:\d+\/\n$/);
  });

  it("says when the port is taken", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const taken = String((other.address() as AddressInfo).port);
    const { status, stderr } = spawnSync(process.execPath, [serveScript, "--port", taken]);
    other.close();
    expect(status).toBe(1);
    expect(stderr.toString()).toContain(`port ${taken} is taken`);
  });

  it("refuses a port that is none, and says how it is used", () => {
    const wrong = spawnSync(process.execPath, [serveScript, "--port", "eighty"]);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr.toString()).toContain("eighty is not a port number");
    const help = spawnSync(process.execPath, [serveScript, "--help"]);
    expect(help.stdout.toString()).toContain("usage:");
  });
});
