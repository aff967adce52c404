// A page's core (or the instant tier's in Node) that runs out of memory: the call fails by a typed
// error, and the next one finds all that was taught.
import { afterEach, describe, expect, it, vi } from "vitest";

import { Core, CoreTrapError } from "../src/core/core_module.js";
import type { SmartSynchClient } from "../src/client/smart_synch_client.js";
import { HUGE, refuseMemory, withoutMemory } from "./support/memory.js";
import { Tab } from "./support/tab.js";
import { TunableClient } from "./support/tunable_client.js";
import { teachSome, type VersionKeeper } from "./support/version_keeper.js";

const clients: SmartSynchClient[] = [];
let count = 0;

/** Without a store, as in Node. */
async function inMemory(): Promise<TunableClient> {
  const client = await TunableClient.make({ fullTier: "never" });
  clients.push(client);
  return client;
}
const withStore = (): Promise<Tab> => Tab.open(`restart-${String((count += 1))}`);

afterEach(() => {
  vi.restoreAllMocks();
  for (const client of clients.splice(0)) client.dispose();
});

/** Everything that a page can see of what its core knows. */
function stateOf(client: SmartSynchClient): unknown {
  const titles = ["Water the plants", "Fix login crash", "Buy bread", "Sketch a logo"];
  return {
    answers: titles.flatMap((title) =>
      ["a", "b", "c", "d"].map((taskId) => client.predictInstant({ title, taskId })),
    ),
    categories: client.categories(),
    experiment: client.experiment(),
    versions: client.versions(),
    data: client.exportUserData(),
    modelVersion: client.modelVersion,
  };
}

/** The page's core runs out of memory. */
async function breakCore(client: SmartSynchClient): Promise<void> {
  const error = await withoutMemory(() => client.predictInstant({ title: HUGE }));
  expect(error).toBeInstanceOf(CoreTrapError);
  expect(error).toMatchObject({ codeName: "resource_exhausted" });
}

describe.each([
  ["with a store", withStore as () => Promise<VersionKeeper>],
  ["without one", inMemory as () => Promise<VersionKeeper>],
])("a core that broke down, %s", (_, open) => {
  it("answers the next call as before, and learns on", async () => {
    const client = await open();
    await teachSome(client);
    const before = stateOf(client);
    await breakCore(client);
    expect(stateOf(client)).toEqual(before);
    const { sequence } = await client.feedback({ title: "Sketch a logo", category: "Home" });
    const after = stateOf(client);
    await breakCore(client);
    expect(stateOf(client)).toEqual(after);
    await client.undo({ sequence });
    expect(client.exportUserData()).toContain("Sketch a logo");
  });

  it("knows what was taught before the first call that follows", async () => {
    const client = await open();
    await breakCore(client);
    await client.feedback({ title: "Water the plants", category: "meeting" });
    const prediction = client.predictInstant({ title: "Water the plants" });
    expect(prediction.suggestions[0]?.categoryId).toBe("meeting");
  });

  it("has the version and the experiment that answered", async () => {
    const client = await open();
    await teachSome(client);
    const tuned = await client.keepVersion("research");
    await client.activateVersion(tuned);
    const active = stateOf(client);
    await breakCore(client);
    expect(stateOf(client)).toEqual(active);
    await client.startExperiment({ champion: client.versions()[0]?.id ?? "", challenger: tuned });
    for (const taskId of ["a", "b", "c", "d"]) {
      const shown = client.predictInstant({ title: "Buy bread", taskId });
      await client.feedback({ title: "Buy bread", taskId, category: "planning", shown });
    }
    const compared = stateOf(client);
    expect(client.experiment()).not.toBeNull();
    await breakCore(client);
    expect(stateOf(client)).toEqual(compared);
  });

  it("has forgotten what was forgotten, and what was imported in its place", async () => {
    const client = await open();
    await teachSome(client);
    const text = client.exportUserData();
    await client.forgetTask("t1");
    const forgotten = stateOf(client);
    await breakCore(client);
    expect(stateOf(client)).toEqual(forgotten);
    expect(client.exportUserData()).not.toContain("Water the plants");
    await client.importUserData(text);
    await breakCore(client);
    expect(client.exportUserData()).toBe(text);
    await client.forgetEverything();
    await breakCore(client);
    expect(client.exportUserData()).not.toContain("Buy bread");
  });

  it("has not learnt what it broke down over, and counts on from what it has", async () => {
    const client = await open();
    await teachSome(client);
    const before = stateOf(client);
    const failed = [
      () => client.feedback({ title: HUGE, category: "design" }),
      () => client.importUserData(HUGE),
      () => client.addCategory({ name: HUGE }),
    ];
    for (const call of failed) {
      expect(await withoutMemory(call)).toMatchObject({ codeName: "resource_exhausted" });
      expect(stateOf(client)).toEqual(before);
    }
    const { sequence } = await client.feedback({ title: "One more", category: "design" });
    expect(sequence).toBe(7);
  });

  it("lets an open field go on", async () => {
    const client = await open();
    await teachSome(client);
    const before = client.predictInstant({ title: "Water the plants" });
    const field = client.openField({ pauseMs: 1 });
    const answers = field[Symbol.asyncIterator]();
    field.update({ title: HUGE });
    expect(await withoutMemory(() => answers.next())).toBeInstanceOf(CoreTrapError);
    field.update({ title: "Water the plants" });
    expect(await answers.next()).toEqual({ done: false, value: before });
    field.close();
  });
});

describe("tabs that share a store", () => {
  it("find all that was acknowledged after one tab's core broke down", async () => {
    const [first, second] = [await Tab.open("restart-shared"), await Tab.open("restart-shared")];
    await teachSome(first);
    await second.feedback({ title: "Sketch a logo", category: "design" });
    await breakCore(second);
    await second.feedback({ title: "Call the bank", category: "Home" });
    await breakCore(first);
    await first.feedback({ title: "Fix the roof", category: "Home" });
    const third = await Tab.open("restart-shared");
    expect(stateOf(third)).toEqual(stateOf(first));
    for (const title of ["Water the plants", "Sketch a logo", "Call the bank", "Fix the roof"]) {
      expect(third.exportUserData()).toContain(title);
    }
  });

  it("take over what a core broke down over", async () => {
    const [first, second] = [await Tab.open("restart-over"), await Tab.open("restart-over")];
    await teachSome(first);
    await second.feedback({ title: "Sketch a logo", category: "design" });
    let broken = 0;
    vi.spyOn(Core.prototype, "loadLogFrom").mockImplementationOnce(function (this: Core) {
      broken += 1;
      refuseMemory();
      try {
        this.classifyInstant({ title: HUGE, description: "" });
      } finally {
        vi.restoreAllMocks();
      }
      return true;
    });
    await first.feedback({ title: "Fix the roof", category: "Home" });
    await second.feedback({ title: "Call the bank", category: "Home" });
    expect(broken).toBe(1);
    expect(second.notices.map(({ kind }) => kind)).not.toContain("storage-failed");
    const third = await Tab.open("restart-over");
    expect(stateOf(third)).toEqual(stateOf(second));
    for (const title of ["Water the plants", "Sketch a logo", "Fix the roof", "Call the bank"]) {
      expect(third.exportUserData()).toContain(title);
    }
  });
});
