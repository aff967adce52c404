import { SmartSynchError } from "../errors.js";
import {
  type FromWorker,
  type Requests,
  type RequestType,
  toErrorMessage,
  type ToWorker,
} from "../protocol.js";

/** What a handler may use beside its payload. */
export interface HandlerContext<Type extends RequestType> {
  /** Fires when the page cancels the request. */
  signal: AbortSignal;
  progress: (value: Requests[Type]["progress"]) => void;
}

/** One function per request. */
export type Handlers = {
  [Type in RequestType]: (
    payload: Requests[Type]["payload"],
    context: HandlerContext<Type>,
  ) => Promise<Requests[Type]["result"]>;
};

/**
 * Answers every request exactly once, through the handler of its type. Requests run independently:
 * one that fails is answered with its error and leaves the others alone.
 */
export class Dispatcher {
  readonly #handlers: Handlers;
  readonly #send: (message: FromWorker) => void;
  readonly #isFatal: (error: unknown) => boolean;
  readonly #running = new Map<number, AbortController>();

  /** `isFatal`: whether an error means that the worker must not be used again. */
  constructor(
    handlers: Handlers,
    send: (message: FromWorker) => void,
    isFatal: (error: unknown) => boolean = () => false,
  ) {
    this.#handlers = handlers;
    this.#send = send;
    this.#isFatal = isFatal;
  }

  receive(message: ToWorker): void {
    if (message.kind === "cancel") {
      this.#running
        .get(message.id)
        ?.abort(new SmartSynchError("cancelled", "the caller cancelled the request"));
      return;
    }
    void this.#answer(message.id, message.type, message.payload);
  }

  async #answer(id: number, type: RequestType, payload: unknown): Promise<void> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    const progress = (value: unknown): void => {
      this.#send({ kind: "progress", id, value });
    };
    try {
      const value = await this.#handle(type, payload, { signal: controller.signal, progress });
      this.#send({ kind: "response", id, ok: true, value });
    } catch (thrown) {
      const error = toErrorMessage(thrown);
      this.#send({ kind: "response", id, ok: false, error, fatal: this.#isFatal(thrown) });
    } finally {
      this.#running.delete(id);
    }
  }

  async #handle(
    type: RequestType,
    payload: unknown,
    context: HandlerContext<RequestType>,
  ): Promise<unknown> {
    if (!Object.hasOwn(this.#handlers, type)) {
      throw new SmartSynchError("invalid_argument", `there is no request "${type}"`, "type");
    }
    // The message union ties payload and type together; a table lookup cannot show that to the
    // compiler.
    const handler = this.#handlers[type] as (
      payload: unknown,
      context: HandlerContext<RequestType>,
    ) => Promise<unknown>;
    return handler(payload, context);
  }
}
