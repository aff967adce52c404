// A server with a strict content policy, and a page of it in Chromium.
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".json": "application/json",
  ".txt": "text/plain",
};

/** What README.md says is enough; `connect` names a second host for the files. */
export function policy(connect = "") {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    "style-src 'self'",
    "img-src data:",
    `connect-src 'self' ${connect}`,
  ].join("; ");
}

/** Serves `folder` until the test `t` ends; `{origin, requested}`. */
export async function serve(t, folder, headers = {}) {
  const requested = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    const file = join(folder, normalize(path.endsWith("/") ? `${path}index.html` : path));
    const found = statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
    requested.push(`${found ? 200 : 404} ${path}`);
    response.writeHead(found ? 200 : 404, {
      "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
      ...headers,
    });
    response.end(found ? readFileSync(file) : "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${server.address().port}`, requested };
}

/** Opens the app and gives what it found out, with what the browser complained about. */
export async function visit(t, browser, url) {
  const context = await browser.newContext();
  t.after(() => context.close());
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(url);
  await page.waitForFunction(() => globalThis.answer !== undefined, undefined, { timeout: 90_000 });
  return { answer: await page.evaluate(() => globalThis.answer), complaints };
}
