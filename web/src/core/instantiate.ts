import createModule, {
  type CoreModelInfo,
  type CoreModule,
  type Session,
} from "smartsynch-core-module";

import { SmartSynchError, toError } from "../errors.js";
import type { CoreBytes } from "./core_input.js";
import { CoreTrapError, isTrap, unwrap } from "./core_result.js";

/**
 * Makes a session that can answer. It pauses where other work may come in between: all at once would
 * hold up a page for longer than a task there should take.
 *
 * @throws SmartSynchError the core's own code when model, vocabulary or token table are refused.
 */
export function* startSession(
  bytes: CoreBytes,
): Generator<undefined, { session: Session; info: CoreModelInfo }> {
  let session: Session;
  try {
    session = new (instantiate(bytes.wasm).Session)();
  } catch (cause) {
    throw new SmartSynchError("internal", "the WebAssembly core did not start", "", { cause });
  }
  try {
    if (bytes.cacheBytes !== undefined) unwrap(session.setCacheBytes(bytes.cacheBytes));
    yield;
    // Before the token table, which is checked faster when the model says what it should be.
    unwrap(session.takeModel(bytes.model, bytes.modelSha256 ?? ""));
    yield;
    // The largest one, so what reading it takes is free again for the vocabulary.
    unwrap(session.takeTokenTable(bytes.tokenTable));
    yield;
    unwrap(session.takeVocabulary(bytes.vocabulary));
    yield;
    return { session, info: unwrap(session.start()) };
  } catch (error) {
    if (isTrap(error)) throw new CoreTrapError(error);
    session.delete();
    throw error;
  }
}

function instantiate(wasm: WebAssembly.Module): CoreModule {
  let failure: Error | undefined;
  const module = createModule({
    print: ignore,
    printErr: ignore,
    instantiateWasm: (imports, done) => {
      try {
        const instance = new WebAssembly.Instance(wasm, imports);
        done(instance);
        return instance.exports;
      } catch (error) {
        // The glue would keep it to itself.
        failure = toError(error);
        return {};
      }
    },
  });
  if (failure !== undefined) throw failure;
  return module;
}

/** The module's own messages are not shown: what goes wrong is thrown. */
function ignore(): void {
  // Nothing to do.
}
