// A tab that keeps what it learns in IndexedDB (fake-indexeddb), with the real core and no full tier.
import "fake-indexeddb/auto";

import { afterEach } from "vitest";

import { SmartSynchClient } from "../../src/client/smart_synch_client.js";
import { Core } from "../../src/core/core_module.js";
import { LogStore } from "../../src/storage/log_store.js";
import type { Notice } from "../../src/types.js";
import { fineTuningFor } from "./heads.mjs";
import { coreBytes } from "./paths.js";

const bytes = coreBytes();
const tabs: Tab[] = [];

/** Disposed of after the test that opened it. */
export class Tab extends SmartSynchClient {
  readonly notices: Notice[];

  private constructor(core: Core, notices: Notice[]) {
    super(core, null, { onNotice: (notice) => notices.push(notice) });
    this.notices = notices;
  }

  /** Tabs of one name share a store. */
  static async open(name: string): Promise<Tab> {
    const tab = new Tab(await Core.create(bytes), []);
    tabs.push(tab);
    await tab.useStorage((events) => LogStore.open(name, events));
    return tab;
  }

  /** A kept version that answers with one category whatever the text; it does not answer yet. */
  async keepVersion(favourite: string): Promise<string> {
    const [base] = this.versions();
    const ids = this.categories().map(({ id }) => id);
    const kept = await this.log.adopt(fineTuningFor(base?.id ?? "", ids, favourite), 1);
    await this.activateVersion(base?.id ?? "");
    return kept.id ?? "";
  }
}

afterEach(() => {
  for (const tab of tabs.splice(0)) tab.dispose();
});
