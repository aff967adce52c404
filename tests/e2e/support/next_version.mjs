// A later version of a built page, for tests of updates: every script says that it is the next one, and
// a file of assets/ has other contents and thus another name.
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Scripts note their version; the page carries it on its root element. */
const SCRIPTS = ["index.js", "picker.js", "worker.js", "demo/app.js"];

/** Copies the build at `dist` to `next`, changed. Names of its files that are gone are returned. */
export function makeNextVersion(dist, next) {
  cpSync(dist, next, { recursive: true, filter: (path) => !/\.(br|gz|map)$/.test(path) });
  const replaced = new Map();
  const change = (file, edit) => {
    const before = readFileSync(join(next, file));
    const after = edit(before);
    writeFileSync(join(next, file), after);
    replaced.set(sha256(before), sha256(after));
  };
  // A WebAssembly file may carry sections of any name: this one is called "next" and is empty.
  const core = readdirSync(join(next, "assets")).find((name) => name.startsWith("smartsynch_core"));
  const bytes = readFileSync(join(next, "assets", core)).length;
  change(`assets/${core}`, (old) =>
    Buffer.concat([old, Buffer.from([0, 5, 4, ...Buffer.from("next")])]),
  );
  const [[before, after]] = replaced;
  const renamed = core.replace(before.slice(0, 12), after.slice(0, 12));
  renameSync(join(next, "assets", core), join(next, "assets", renamed));

  const inText = (text) => {
    let result = text.replaceAll(core, renamed).replaceAll(`bytes:${bytes}`, `bytes:${bytes + 7}`);
    for (const [old, now] of replaced) result = result.replaceAll(old, now);
    return result;
  };
  for (const file of SCRIPTS) {
    const note = `\n(globalThis.loadedVersions ??= []).push(${JSON.stringify(file)});\n`;
    change(file, (old) => inText(old.toString()) + note);
  }
  change("demo/index.html", (old) =>
    old.toString().replace("<html ", '<html data-version="next" '),
  );
  const worker = inText(readFileSync(join(next, "service_worker.js"), "utf8"));
  const version = sha256(JSON.stringify([...replaced])).slice(0, 12);
  writeFileSync(join(next, "service_worker.js"), worker.replace(/"[0-9a-f]{12}"/, `"${version}"`));
  return { gone: core, renamed };
}
