// Put before the glue of WebAssembly test programs: Emscripten 3.1.6 mistakes Node's own fetch for the
// browser's and would load the program over the network.
delete globalThis.fetch;
