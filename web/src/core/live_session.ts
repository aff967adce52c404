import type { CoreModelInfo, CoreResult, Session } from "smartsynch-core-module";

import { yieldToEvents } from "../base/serial_queue.js";
import { disposedError } from "../errors.js";
import type { CoreBytes } from "./core_input.js";
import { CoreTrapError, isTrap, unwrap } from "./core_result.js";
import { startSession } from "./instantiate.js";

/** How often in a row a session that breaks down is started anew. */
const MAX_RESTARTS = 2;

/** A session of the WebAssembly module, and another one in its place when it breaks down. */
export class LiveSession {
  #session: Session | null;
  /** Null: it is not started anew. */
  readonly #bytes: CoreBytes | null;
  #broken: Error | null = null;
  #restarts = 0;
  #isRestoring = false;
  /** Gives a session that was started anew what the one before knew. */
  restore: () => void = () => undefined;

  private constructor(session: Session, bytes: CoreBytes | null) {
    this.#session = session;
    this.#bytes = bytes;
  }

  static async start(
    bytes: CoreBytes,
    restarts: boolean,
  ): Promise<{ live: LiveSession; info: CoreModelInfo }> {
    const steps = startSession(bytes);
    for (;;) {
      const { done, value } = steps.next();
      if (done === true) {
        return { live: new LiveSession(value.session, restarts ? bytes : null), info: value.info };
      }
      await yieldToEvents();
    }
  }

  /**
   * @throws SmartSynchError the core's error; CoreTrapError when the session breaks down: the next
   * call is another one's.
   */
  call<T>(run: (session: Session) => CoreResult<T>): T {
    if (this.#session === null) this.#restart();
    if (this.#session === null) throw this.#broken ?? disposedError();
    try {
      const value = unwrap(run(this.#session));
      if (!this.#isRestoring) this.#restarts = 0;
      return value;
    } catch (cause) {
      if (!isTrap(cause)) throw cause;
      // Its memory is in an unknown state, so it is not touched again.
      this.#session = null;
      this.#broken = new CoreTrapError(cause);
      throw this.#broken;
    }
  }

  /** Frees the C++ object; safe to call twice. */
  end(): void {
    this.#session?.delete();
    this.#session = null;
    this.#broken = null;
  }

  /** At once, so that no call has to wait. What breaks down while restoring is not started again. */
  #restart(): void {
    if (this.#broken === null || this.#bytes === null || this.#isRestoring) return;
    if (this.#restarts >= MAX_RESTARTS) return;
    this.#restarts += 1;
    this.#isRestoring = true;
    try {
      const steps = startSession(this.#bytes);
      let step = steps.next();
      while (step.done !== true) step = steps.next();
      this.#session = step.value.session;
      this.restore();
    } catch (error) {
      this.#session = null;
      throw error;
    } finally {
      this.#isRestoring = false;
    }
  }
}
