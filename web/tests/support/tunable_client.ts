// A client whose full tier fine-tunes with the real modules, exemplars and an encoder made up so that
// there is something to learn.
import type { LoadFullTier } from "../../src/client/full_tier.js";
import type { SmartSynchClient } from "../../src/client/smart_synch_client.js";
import { Core } from "../../src/core/core_module.js";
import { Engine } from "../../src/engine/engine.js";
import { LocalTier } from "../../src/local_tier.js";
import type { CreateOptions } from "../../src/types.js";
import { exemplarFile } from "./exemplars.js";
import { idEncoder } from "./id_encoder.js";
import { coreBytes, fineTuneBytes } from "./paths.js";
import { VersionKeeper } from "./version_keeper.js";

const bytes = coreBytes();

const BASE_CATEGORIES = (await Core.create(bytes)).categories().length;

/** `fetches` counts how often the files for fine-tuning were asked for. */
export class TunableClient extends VersionKeeper {
  fetches = 0;

  static async make(options: CreateOptions): Promise<TunableClient> {
    const load: LoadFullTier = async (_, events) => {
      const own = await Core.create(bytes);
      const { baseVersion, dimension } = own.info;
      const widths = { full: dimension, instant: 128 };
      const engine = new Engine(own, idEncoder(dimension), () => {
        client.fetches += 1;
        const exemplars = exemplarFile(baseVersion, BASE_CATEGORIES, widths);
        return Promise.resolve({ module: fineTuneBytes(), exemplars });
      });
      return new LocalTier(engine, events);
    };
    const wanted = options.fullTier === "never" ? null : load;
    const client = new TunableClient(await Core.create(bytes, true), wanted, options);
    await client.ready();
    return client;
  }
}

const FIRST = ["cat", "dog", "bird", "horse", "fish", "mouse", "sheep", "goat", "bear", "wolf"];
const LAST = ["red", "blue", "green", "white", "black", "brown"];

/** What tells the two categories apart is one word among others that say nothing. */
export async function teach(synch: SmartSynchClient): Promise<void> {
  await synch.addCategory({ name: "Left" });
  await synch.addCategory({ name: "Right" });
  for (const [i, animal] of FIRST.entries()) {
    for (const [j, color] of LAST.entries()) {
      const left = (i + j) % 2 === 0;
      await synch.feedback({
        title: `${animal} ${color} ${left ? "north" : "south"} ${String(i)}`,
        category: left ? "Left" : "Right",
      });
    }
  }
}
