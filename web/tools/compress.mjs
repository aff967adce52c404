// Compressed copies beside the files of the package (FILE.br, FILE.gz), for servers that send them
// as they are. Made once for each content: the results are kept by hash in a folder of their own.
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const COMPRESSIBLE = new Set([
  ...[".css", ".html", ".js", ".json", ".svg", ".txt"],
  ...[".onnx", ".safetensors", ".wasm"],
]);

/** A smaller file fits one packet anyway. */
const FEWEST_BYTES = 1024;

/** A copy that saves less is not worth a second file. */
const GREATEST_SHARE = 0.97;

/** Changes when the settings below do, so that no copy of older settings is taken. */
const SETTINGS = "1";

const ENCODINGS = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  gz: (bytes) => promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }),
};

/**
 * Writes FILE.br and FILE.gz for every file below `directory` that gains by it. `store` keeps the
 * results between builds; deleting it costs time alone.
 */
export async function compressFiles(directory, store) {
  mkdirSync(store, { recursive: true });
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && COMPRESSIBLE.has(extname(entry.name)))
    .map((entry) => join(entry.parentPath, entry.name));
  // At the same time: zlib works in Node's own threads.
  await Promise.all(files.map((file) => compressFile(file, store)));
}

async function compressFile(file, store) {
  const bytes = readFileSync(file);
  if (bytes.length < FEWEST_BYTES) return;
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  await Promise.all(
    Object.entries(ENCODINGS).map(async ([encoding, compress]) => {
      const kept = join(store, `${hash}-${SETTINGS}.${encoding}`);
      if (!existsSync(kept)) {
        // Under its name only when whole: a build may be interrupted, and two may run at once.
        const unfinished = `${kept}.${process.pid}`;
        writeFileSync(unfinished, await compress(bytes));
        renameSync(unfinished, kept);
      }
      if (readFileSync(kept).length <= GREATEST_SHARE * bytes.length) {
        copyFileSync(kept, `${file}.${encoding}`);
      }
    }),
  );
}
