// The worker's entry: joins the dispatcher to the worker's messages.
import type { FromWorker, ToWorker } from "../protocol.js";
import { isFatal } from "../core/core_result.js";
import { Dispatcher } from "./dispatcher.js";
import { createHandlers } from "./handlers.js";

/** The part of a worker's global scope that is used; the DOM's types describe a page's. */
interface WorkerScope {
  readonly name: string;
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;
const dispatcher = new Dispatcher(
  createHandlers(),
  (message) => {
    scope.postMessage(message);
  },
  isFatal,
);
// ONNX Runtime starts its threads from this same script; there it listens itself.
if (!scope.name.startsWith("em-pthread")) {
  scope.onmessage = (event) => {
    dispatcher.receive(event.data);
  };
}
