// Names and files made to do harm: they stay text, or are refused, and no object of the page changes.
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { SmartSynchClient } from "../src/client/smart_synch_client.js";
import { Core } from "../src/core/core_module.js";
import { coreBytes } from "./support/paths.js";

const bytes = coreBytes();
const POLLUTION =
  '"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}';

class TestClient extends SmartSynchClient {
  static make(core: Core): TestClient {
    return new TestClient(core, null, { encoder: false });
  }
}

let synch: TestClient;
beforeEach(async () => {
  synch = TestClient.make(await Core.create(bytes));
});
afterEach(() => {
  synch.dispose();
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
});

describe("prototype pollution", () => {
  it("does not come in with a task", () => {
    const task = JSON.parse(`{"title": "Fix login crash", ${POLLUTION}}`) as { title: string };
    expect(synch.predictInstant(task)).toEqual(synch.predictInstant({ title: "Fix login crash" }));
  });

  it("does not come in with imported user data", async () => {
    const version = synch.modelVersion;
    const event = '"sequence": 1, "kind": "category_added", "time_ms": 1, "category_id": "home"';
    const head = '"format": "smartsynch-user-data", "version": 1';
    for (const text of [
      `{${head}, "events": [], ${POLLUTION}}`,
      `{${head}, "events": [{${event}, "name": "Home", ${POLLUTION}}]}`,
    ]) {
      await expect(synch.importUserData(text)).rejects.toThrow(/__proto__|constructor/);
    }
    expect(synch.modelVersion).toBe(version);
  });
});

describe("a category's name", () => {
  it.each(["__proto__", "constructor", "toString", "hasOwnProperty", "../../etc/passwd"])(
    "may be %s",
    async (name) => {
      const added = await synch.addCategory({ name });
      expect(added.name).toBe(name);
      await synch.feedback({ title: "Water the plants", category: added.id });
      const [first] = synch.predictInstant({ title: "Water the plants" }).suggestions;
      expect(first).toMatchObject({ category: name, categoryId: added.id });
      expect(synch.exportUserData()).toContain(JSON.stringify(name));
    },
  );

  it("stays text when it is markup", async () => {
    const name = '<img src=x onerror="alert(1)">';
    expect((await synch.addCategory({ name })).name).toBe(name);
    expect(synch.categories().at(-1)?.name).toBe(name);
  });
});
