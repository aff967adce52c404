// Notes every WebAssembly memory of this thread. Must be imported before what makes them.
const memories = new Set();

function noteAll(object) {
  for (const value of Object.values(object ?? {})) {
    if (value instanceof WebAssembly.Memory) memories.add(value);
  }
}

function note(instance, imports) {
  noteAll(instance.exports);
  for (const module of Object.values(imports ?? {})) noteAll(module);
}

for (const name of ["instantiate", "instantiateStreaming"]) {
  const original = WebAssembly[name];
  WebAssembly[name] = async (source, imports) => {
    const result = await original.call(WebAssembly, source, imports);
    note(result.instance ?? result, imports);
    return result;
  };
}

// A compiled module is instantiated at once.
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(original, [module, imports]) {
    const instance = new original(module, imports);
    note(instance, imports);
    return instance;
  },
});

/** Bytes of all of them, the largest first. They never shrink, so this is their peak, too. */
export function wasmMemories() {
  return [...memories].map(({ buffer }) => buffer.byteLength).sort((a, b) => b - a);
}
