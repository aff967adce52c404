import { abortable } from "../base/abort.js";
import { AssetError, SmartSynchError } from "../errors.js";
import {
  fromErrorMessage,
  type FromWorker,
  type Requests,
  type RequestType,
  type ToWorker,
} from "../protocol.js";

/** The part of `Worker` that is used; tests bring their own. */
export interface WorkerLike {
  postMessage(message: ToWorker): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

interface Pending {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  progress: ((value: unknown) => void) | undefined;
}

/**
 * Requests to a worker, each with its own promise. When the worker breaks down, all pending requests
 * are rejected, later ones too, and `onBreakdown` is called once.
 */
export class WorkerChannel {
  readonly #worker: WorkerLike;
  readonly #url: string;
  readonly #onBreakdown: (error: Error) => void;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #heard = false;
  #closed: Error | null = null;

  /** `url`: the worker's script, for messages. */
  constructor(worker: WorkerLike, url: string, onBreakdown: (error: Error) => void) {
    this.#worker = worker;
    this.#url = url;
    this.#onBreakdown = onBreakdown;
    worker.onmessage = (event) => {
      this.#receive(event.data);
    };
    worker.onmessageerror = () => {
      this.#breakDown(new SmartSynchError("internal", "the worker sent an unreadable message"));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      // A script that cannot be loaded gives an event without a message.
      void this.#onWorkerError((event as Partial<ErrorEvent>).message ?? "");
    };
  }

  /** Rejects with the signal's reason when it fires; the worker is told, and a late answer dropped. */
  async request<Type extends RequestType>(
    type: Type,
    payload: Requests[Type]["payload"],
    options: {
      signal?: AbortSignal | undefined;
      onProgress?: ((value: Requests[Type]["progress"]) => void) | undefined;
    } = {},
  ): Promise<Requests[Type]["result"]> {
    const { signal, onProgress } = options;
    signal?.throwIfAborted();
    if (this.#closed !== null) throw this.#closed;
    const id = this.#nextId++;
    const answer = new Promise<unknown>((resolve, reject) => {
      const progress = onProgress as ((value: unknown) => void) | undefined;
      this.#pending.set(id, { resolve, reject, progress });
    });
    const cancel = (): void => {
      this.#pending.delete(id);
      this.#worker.postMessage({ kind: "cancel", id });
    };
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      this.#worker.postMessage({ kind: "request", id, type, payload } as ToWorker);
      return (await abortable(answer, signal)) as Requests[Type]["result"];
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#pending.delete(id);
    }
  }

  /** Ends the worker; pending and later requests reject with `error`. Safe to call twice. */
  close(error: Error): void {
    if (this.#closed !== null) return;
    this.#closed = error;
    this.#worker.terminate();
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  #receive(message: FromWorker): void {
    this.#heard = true;
    const pending = this.#pending.get(message.id);
    if (message.kind === "progress") {
      pending?.progress?.(message.value);
    } else if (message.ok) {
      pending?.resolve(message.value);
    } else {
      const error = fromErrorMessage(message.error);
      pending?.reject(error);
      if (message.fatal) this.#breakDown(error);
    }
  }

  async #onWorkerError(message: string): Promise<void> {
    const error =
      this.#heard || message !== ""
        ? new SmartSynchError("internal", `the worker broke down: ${message}`)
        : await explainMissingWorker(this.#url);
    this.#breakDown(error);
  }

  #breakDown(error: Error): void {
    if (this.#closed !== null) return;
    this.close(error);
    this.#onBreakdown(error);
  }
}

async function explainMissingWorker(url: string): Promise<AssetError> {
  let status = 0;
  try {
    status = (await fetch(url, { method: "HEAD" })).status;
  } catch {
    // Not reachable at all: status 0 says so.
  }
  const answer = status === 0 ? "" : ` (HTTP ${String(status)})`;
  const message = `${url}${answer}: the worker's script could not be started`;
  return new AssetError("unavailable", message, { url, status });
}
