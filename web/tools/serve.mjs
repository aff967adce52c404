#!/usr/bin/env node
// Serves a folder over HTTP, with the headers that the demo should have anywhere: a strict
// Content-Security-Policy, right media types, caching by content, and the compressed copies that the
// build made. Node's standard library only.
//
//   node tools/serve.mjs [--root DIR] [--port N] [--host ADDRESS]
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

/** What the page may load and run: its own files, and WebAssembly made from them. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'";

const MEDIA_TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/** Content codings, best first, and the name that the build gives to a copy in them. */
const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
];

/** A name with a part of its content's hash in it, as in model.8199be6f699a.onnx, never changes. */
const HASHED_NAME = /\.[0-9a-f]{12}\.\w+$/;

/** A server for the files below `root`; not yet listening. */
export function createStaticServer(root) {
  const tags = new Map();
  return createServer((request, response) => {
    answer(resolve(root), tags, request, response).catch((error) => {
      if (!response.headersSent) fail(response, 500, "the file could not be read");
      else response.destroy(error);
    });
  });
}

async function answer(root, tags, request, response) {
  response.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Referrer-Policy", "no-referrer");
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    fail(response, 405, "only GET and HEAD are answered");
    return;
  }
  const file = await findFile(root, request.url ?? "/");
  if (file === null && request.url === "/") {
    // The built package has its page in a folder of its own.
    response.writeHead(302, { Location: "/demo/" }).end();
    return;
  }
  if (file === null) {
    fail(response, 404, "there is no such file");
    return;
  }
  const { encoding, sent } = await chooseEncoding(file, request.headers["accept-encoding"] ?? "");
  const tag = await entityTag(tags, sent);
  response.setHeader("ETag", tag);
  response.setHeader("Vary", "Accept-Encoding");
  response.setHeader(
    "Cache-Control",
    HASHED_NAME.test(file.path) ? "public, max-age=31536000, immutable" : "no-cache",
  );
  if (request.headers["if-none-match"]?.includes(tag)) {
    response.writeHead(304).end();
    return;
  }
  if (encoding !== null) response.setHeader("Content-Encoding", encoding);
  response.writeHead(200, {
    "Content-Type": MEDIA_TYPES[extname(file.path)] ?? "application/octet-stream",
    "Content-Length": sent.size,
  });
  if (request.method === "HEAD") response.end();
  else
    createReadStream(sent.path)
      .on("error", (e) => response.destroy(e))
      .pipe(response);
}

/** The file that an address names; null when there is none below `root`. */
async function findFile(root, address) {
  let name;
  try {
    name = decodeURIComponent(new URL(address, "http://localhost").pathname);
  } catch {
    return null;
  }
  if (name.includes("\0")) return null;
  const path = resolve(join(root, name.endsWith("/") ? `${name}index.html` : name));
  // An encoded "../" or an absolute path must not lead out of the folder.
  if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) return null;
  return describeFile(path);
}

async function describeFile(path) {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? { path, size: found.size, modified: found.mtimeMs } : null;
}

/** The best compressed copy that the client takes and that is no older than the file, or itself. */
async function chooseEncoding(file, accepted) {
  for (const [encoding, extension] of ENCODINGS) {
    if (!accepts(accepted, encoding)) continue;
    const copy = await describeFile(file.path + extension);
    if (copy !== null && copy.modified >= file.modified) return { encoding, sent: copy };
  }
  return { encoding: null, sent: file };
}

/** Whether an Accept-Encoding header names `encoding` without forbidding it by a weight of 0. */
function accepts(header, encoding) {
  return header.split(",").some((part) => {
    const [name, ...parameters] = part.split(";").map((word) => word.trim().toLowerCase());
    return name === encoding && !parameters.some((word) => /^q=0(\.0*)?$/.test(word));
  });
}

/** The content's hash, remembered until the file changes. */
async function entityTag(tags, { path, size, modified }) {
  const known = tags.get(path);
  if (known?.size === size && known.modified === modified) return known.tag;
  const digest = createHash("sha256")
    .update(await readFile(path))
    .digest("base64url");
  const tag = `"${digest.slice(0, 22)}"`;
  tags.set(path, { size, modified, tag });
  return tag;
}

function fail(response, status, message) {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8" });
  response.end(`${status}: ${message}\n`);
}

function main() {
  const web = dirname(dirname(fileURLToPath(import.meta.url)));
  const { values } = parseArgs({
    options: {
      root: { type: "string", default: join(web, "dist") },
      port: { type: "string", default: "8080" },
      host: { type: "string", default: "127.0.0.1" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log("usage: node tools/serve.mjs [--root DIR] [--port N] [--host ADDRESS]");
    return;
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    console.error(`serve: --port ${values.port} is not a port number (0 to 65535)`);
    process.exitCode = 2;
    return;
  }
  const server = createStaticServer(values.root);
  server.on("error", (error) => {
    console.error(
      error.code === "EADDRINUSE"
        ? `serve: port ${port} is taken; choose another with --port N (0: any free one)`
        : `serve: ${error.message}`,
    );
    process.exitCode = 1;
  });
  server.listen(port, values.host, () => {
    const host = values.host.includes(":") ? `[${values.host}]` : values.host;
    console.log(`SmartSynch demo: http://${host}:${server.address().port}/`);
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
