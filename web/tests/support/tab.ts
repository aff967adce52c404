// A tab that keeps what it learns in IndexedDB (fake-indexeddb), with the real core and no full tier.
import "fake-indexeddb/auto";

import { afterEach } from "vitest";

import { Core } from "../../src/core/core_module.js";
import { LogStore } from "../../src/storage/log_store.js";
import type { Notice } from "../../src/types.js";
import { coreBytes } from "./paths.js";
import { VersionKeeper } from "./version_keeper.js";

const bytes = coreBytes();
const tabs: Tab[] = [];

/** Disposed of after the test that opened it. */
export class Tab extends VersionKeeper {
  readonly notices: Notice[];

  private constructor(core: Core, notices: Notice[]) {
    super(core, null, { onNotice: (notice) => notices.push(notice) });
    this.notices = notices;
  }

  /** Tabs of one name share a store. */
  static async open(name: string): Promise<Tab> {
    const tab = new Tab(await Core.create(bytes, true), []);
    tabs.push(tab);
    await tab.useStorage((events) => LogStore.open(name, events));
    return tab;
  }
}

afterEach(() => {
  for (const tab of tabs.splice(0)) tab.dispose();
});
