import { SmartSynchClient } from "../../src/client/smart_synch_client.js";
import { fineTuningFor } from "./heads.mjs";

/** A client that is given versions ready made. */
export class VersionKeeper extends SmartSynchClient {
  /**
   * A kept version that answers with one category whatever the text; it does not answer yet. Made for
   * another base model, it never does.
   */
  async keepVersion(favourite: string, madeFor?: string): Promise<string> {
    const base = this.versions()[0]?.id ?? "";
    const ids = this.categories().map(({ id }) => id);
    const kept = await this.log.adopt(fineTuningFor(madeFor ?? base, ids, favourite), 1);
    await this.activateVersion(base);
    return kept.id ?? "";
  }
}

/** Six steps of several kinds. */
export async function teachSome(client: SmartSynchClient): Promise<void> {
  const home = await client.addCategory({ name: "Home" });
  await client.feedback({ title: "Water the plants", category: home.id, taskId: "t1" });
  await client.feedback({ title: "Buy bread", category: "planning", taskId: "t2" });
  await client.undo(await client.feedback({ title: "Sketch", category: "meeting" }));
  await client.recolourCategory("home", "#123456");
}
