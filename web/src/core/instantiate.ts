import createModule, { type CoreModule } from "smartsynch-core-module";

/** Emscripten's glue takes bytes by itself; a module it leaves to us to instantiate. */
export async function instantiate(
  wasm: Uint8Array<ArrayBuffer> | WebAssembly.Module,
): Promise<CoreModule> {
  const quiet = { print: ignore, printErr: ignore };
  if (!(wasm instanceof WebAssembly.Module)) return createModule({ ...quiet, wasmBinary: wasm });
  return new Promise((resolve, reject) => {
    createModule({
      ...quiet,
      instantiateWasm: (imports, done) => {
        WebAssembly.instantiate(wasm, imports)
          .then((instance) => {
            done(instance, wasm);
          })
          .catch(reject);
        return {};
      },
    }).then(resolve, reject);
  });
}

/** The module's own messages are not shown: what goes wrong is thrown. */
function ignore(): void {
  // Nothing to do.
}
