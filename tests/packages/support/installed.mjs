// The package as a user has it: packed from web/, installed by npm into an empty folder.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("../", import.meta.url));
const web = fileURLToPath(new URL("../../../web/", import.meta.url));

/** `{folder, tarball, remove()}`; the folder has the package and the app of app/. */
export function installPackage() {
  if (!existsSync(`${web}dist/index.js`)) throw new Error("web/dist is missing: npm run build");
  const folder = mkdtempSync(join(tmpdir(), "smartsynch-installed-"));
  const pack = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
  const name = execFileSync("npm", pack, { cwd: web, encoding: "utf8" }).trim();
  const tarball = join(folder, name);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  const install = ["install", "--silent", "--no-audit", "--no-fund", "--prefer-offline", tarball];
  execFileSync("npm", install, { cwd: folder, stdio: ["ignore", "inherit", "inherit"] });
  cpSync(join(here, "app"), folder, { recursive: true });
  return { folder, tarball, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Makes a tool of this folder's node_modules known in `folder`, as if it were installed there. */
export function lend(folder, ...names) {
  for (const name of names) {
    const target = join(folder, "node_modules", name);
    mkdirSync(join(target, ".."), { recursive: true });
    if (!existsSync(target)) symlinkSync(join(here, "node_modules", name), target, "dir");
  }
}

/** A program of this folder's node_modules: its output, whatever its exit status. */
export function runTool(script, args, options = {}) {
  try {
    const command = [join(here, "node_modules", script), ...args];
    const output = execFileSync(process.execPath, command, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      ...options,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", ...options.env },
    });
    return { status: 0, output };
  } catch (error) {
    return { status: error.status, output: `${error.stdout}${error.stderr}` };
  }
}
