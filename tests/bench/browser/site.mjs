// What the bench serves: SmartSynch's build, Transformers.js with its model, ONNX Runtime Web, and the
// bench's own pages, all by the same server with the same compression.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { compressFiles } from "../../../web/tools/compress.mjs";
import { createStaticServer } from "../../../web/tools/serve.mjs";
import { dist as built } from "../../e2e/support/browser.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../../..");
const dist = resolve(built);
const store = join(root, ".cache/bench/browser");

/** What the demo page expects to be at the top, beside the folders demo/ and assets/. */
const TOP_FILES = ["index.js", "worker.js", "picker.js", "picker_define.js", "service_worker.js"];

/** Fetches the peers (once) and lays everything out as one folder; answers its path. */
export async function layOutSite() {
  execFileSync(
    join(root, ".cache/venv/bin/python"),
    [join(root, "tools/fetch.py"), "--lock", join(here, "peers.lock.json"), "bench"],
    { stdio: ["ignore", process.stderr, process.stderr] },
  );
  for (const name of ["config.json", "tokenizer_config.json"]) {
    copyFileSync(join(here, "minilm", name), join(store, "peer/models/minilm", name));
  }
  await compressFiles(join(store, "peer"), join(root, ".cache/compressed"));
  const site = join(store, "site");
  rmSync(site, { recursive: true, force: true });
  mkdirSync(site, { recursive: true });
  const folders = {
    smartsynch: dist,
    peer: join(store, "peer"),
    ort: join(root, "web/node_modules/onnxruntime-web/dist"),
    pages: join(here, "pages"),
    demo: join(dist, "demo"),
    assets: join(dist, "assets"),
  };
  for (const [name, folder] of Object.entries(folders)) symlinkSync(folder, join(site, name));
  for (const name of TOP_FILES) {
    for (const end of ["", ".br", ".gz"])
      symlinkSync(join(dist, name + end), join(site, name + end));
  }
  return site;
}

/**
 * Serves the folder. Pages whose address has `?isolated` in it are cross-origin isolated, so that
 * their clock has steps of 5 µs.
 */
export async function serveSite(site) {
  const server = createStaticServer(site);
  const [answer] = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    if (!request.url.startsWith("/demo/")) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    if (request.url.startsWith("/pages/peer")) {
      // Transformers.js starts its runtime from a script that it makes itself.
      const set = response.setHeader.bind(response);
      response.setHeader = (name, value) =>
        name === "Content-Security-Policy" ? response : set(name, value);
    }
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
