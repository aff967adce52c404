// A second version of what answers, as if a fine-tuning had made it.
import { fineTuningFor } from "../../../web/tests/support/heads.mjs";
import { openLoaded } from "./loaded_page.mjs";

/** Something taught, and beside the base a version that always answers "research". */
export async function addVersion(context, origin) {
  const page = await openLoaded(context, origin);
  const known = await page.evaluate(async () => {
    await window.synch.feedback({ title: "Water the plants", category: "planning" });
    const categories = window.synch.categories().map(({ id }) => id);
    const [base] = window.synch.versions();
    window.synch.dispose();
    return { base: base.id, categories };
  });
  const { heads, version, ...made } = fineTuningFor(known.base, known.categories, "research");
  await page.evaluate(
    async ({ bytes, kept }) => {
      const done = (request) =>
        new Promise((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      const db = await done(indexedDB.open("smartsynch"));
      const versions = db.transaction("versions", "readwrite").objectStore("versions");
      const history = {
        versions: [{ ...kept, heads: new Uint8Array(bytes) }],
        active: "",
        former: [],
      };
      await done(versions.put(history, "history"));
      db.close();
    },
    { bytes: [...heads], kept: { ...made, id: version, parent: known.base, createdMs: 1 } },
  );
  await page.close();
  return { base: known.base, challenger: version };
}
