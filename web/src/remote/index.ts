/**
 * A SmartSynch server with the interface of the local `SmartSynch`, and both behind one: package
 * entry `smartsynch/remote`. For pages and Node.js; loads no model.
 * @module
 */
export type { ErrorCodeName, ErrorCodeNumber } from "../errors.js";
export { ErrorCode, SmartSynchError } from "../errors.js";
export type * from "../types.js";
export type { HybridOptions, HybridRecorded, LocalPart, RemotePart } from "./hybrid_synch.js";
export { HybridSynch } from "./hybrid_synch.js";
export type { RemoteOptions } from "./options.js";
export { RemoteError } from "./remote_error.js";
export type { RemoteFeedbackOptions } from "./remote_synch.js";
export { RemoteSynch } from "./remote_synch.js";
