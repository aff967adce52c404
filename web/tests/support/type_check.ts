import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { web } from "./paths.js";

/** What the TypeScript compiler complains about in `files` of `folder`, as a strict user sees it. */
export function typeCheck(folder: string, files: string[]): string {
  const tsc = join(web, "node_modules/typescript/bin/tsc");
  const flags = "--noEmit --strict --module nodenext --target es2022 --lib es2022,dom".split(" ");
  const { stdout } = spawnSync(process.execPath, [tsc, ...flags, ...files], { cwd: folder });
  return stdout.toString();
}
