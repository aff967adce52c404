/**
 * Compiles a WebAssembly file while it arrives, whatever media type the server gives it. The module
 * may be used only after the file's bytes were checked, which takes place beside this.
 */
export class WasmCompiler {
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #bytes = 0;
  readonly #module: Promise<WebAssembly.Module>;

  constructor() {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
    });
    const headers = { "Content-Type": "application/wasm" };
    this.#module = WebAssembly.compileStreaming(new Response(body, { headers }));
    // Looked at in finish(); until then a failure must not count as unhandled.
    this.#module.catch(() => undefined);
  }

  /** The next piece of the file. */
  push(chunk: Uint8Array<ArrayBuffer>): void {
    this.#bytes += chunk.byteLength;
    // A copy: what compiles may take the piece for itself.
    this.#controller?.enqueue(chunk.slice());
  }

  /**
   * The module of the checked file `bytes`. Pieces that do not add up to it came from an answer that
   * was thrown away, or never came because the file was kept: then `bytes` are compiled.
   */
  async finish(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
    const isWhole = this.#bytes === bytes.byteLength;
    this.abort();
    return isWhole ? this.#module : WebAssembly.compile(bytes);
  }

  /** Ends the stream; what was compiled so far is dropped unless it was whole. */
  abort(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }
}
