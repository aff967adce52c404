import type { Manifest } from "./assets/manifest.js";

declare global {
  /** Put in by the build (tools/build.mjs); absent when the sources run unbuilt, as in unit tests. */
  const SMARTSYNCH_MANIFEST: Manifest | undefined;
}
