/**
 * Fine-tuning's own WebAssembly module (wasm/fine_tune_module.cpp), the only file that touches its
 * memory. It is plain WebAssembly: bytes in, JSON and bytes out.
 * @module
 */
import { codeNameOf, SmartSynchError } from "../errors.js";
import type { FineTuned } from "../types.js";

/** What a fine-tuning needs beside the task that the core gives. */
export interface FineTuneFiles {
  /** smartsynch_fine_tune.wasm. */
  module: Uint8Array<ArrayBuffer>;
  /** The base model's exemplar file. */
  exemplars: Uint8Array;
}

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  smartsynch_allocate(size: number): number;
  smartsynch_free(memory: number): void;
  smartsynch_begin(task: number, size: number, exemplars: number, size2: number): number;
  smartsynch_step(job: number): void;
  smartsynch_text(job: number): number;
  smartsynch_text_size(job: number): number;
  smartsynch_heads(job: number): number;
  smartsynch_heads_size(job: number): number;
}

type Answer =
  { code: number; message: string; field: string } | (Omit<FineTuned, "heads"> & { progress: 1 });

/** One fine-tuning under way. The module's memory goes with this object; nothing need be freed. */
export class FineTuneJob {
  readonly #exports: Exports;
  readonly #job: number;

  private constructor(exports: Exports, job: number) {
    this.#exports = exports;
    this.#job = job;
  }

  /**
   * @throws SmartSynchError `incompatible` for exemplars of another model, `invalid_model` for damaged
   * ones.
   */
  static async begin(task: Uint8Array, files: FineTuneFiles): Promise<FineTuneJob> {
    const exports = await instantiate(files.module);
    return trapped(() => {
      exports._initialize();
      const [first, second] = [copyIn(exports, task), copyIn(exports, files.exemplars)];
      const { byteLength } = files.exemplars;
      const handle = exports.smartsynch_begin(first, task.byteLength, second, byteLength);
      exports.smartsynch_free(first);
      exports.smartsynch_free(second);
      const job = new FineTuneJob(exports, handle);
      job.#answer();
      return job;
    });
  }

  /** Some milliseconds of work. */
  step(): { progress: number; result?: FineTuned } {
    return trapped(() => {
      this.#exports.smartsynch_step(this.#job);
      const { progress, ...result } = this.#answer();
      if (progress < 1) return { progress };
      const heads = this.#exports.smartsynch_heads(this.#job);
      const size = this.#exports.smartsynch_heads_size(this.#job);
      return { progress, result: { ...result, heads: copyOut(this.#exports, heads, size) } };
    });
  }

  #answer(): Omit<FineTuned, "heads"> & { progress: number } {
    const start = this.#exports.smartsynch_text(this.#job);
    const bytes = copyOut(this.#exports, start, this.#exports.smartsynch_text_size(this.#job));
    const answer = JSON.parse(new TextDecoder().decode(bytes)) as Answer;
    if (!("code" in answer)) return answer;
    throw new SmartSynchError(codeNameOf(answer.code), answer.message, answer.field);
  }
}

async function instantiate(bytes: Uint8Array<ArrayBuffer>): Promise<Exports> {
  const env = { emscripten_notify_memory_growth: () => undefined };
  // Called when something is out of order that the module cannot go on from.
  const end = (): never => {
    throw new WebAssembly.RuntimeError("the module gave up");
  };
  const wasi = { proc_exit: end, fd_write: end, fd_seek: end, fd_close: end };
  try {
    const imports = { env, wasi_snapshot_preview1: wasi };
    const { instance } = await WebAssembly.instantiate(bytes, imports);
    return instance.exports as unknown as Exports;
  } catch (cause) {
    throw new SmartSynchError("internal", "fine-tuning's module did not start", "", { cause });
  }
}

function copyIn(exports: Exports, bytes: Uint8Array): number {
  const start = exports.smartsynch_allocate(bytes.byteLength);
  // After the call, which may have moved the memory.
  new Uint8Array(exports.memory.buffer).set(bytes, start);
  return start;
}

function copyOut({ memory }: Exports, start: number, size: number): Uint8Array {
  return new Uint8Array(memory.buffer, start, size).slice();
}

/** A trap ends this fine-tuning alone: no other module shares its memory. */
function trapped<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (!(cause instanceof WebAssembly.RuntimeError)) throw cause;
    throw new SmartSynchError("internal", `fine-tuning broke down: ${cause.message}`, "", {
      cause,
    });
  }
}
