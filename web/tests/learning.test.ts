// Learning end to end with the real core: one core as the page's, one behind an engine as the
// worker's, with an encoder that spreads token ids over the dimensions in place of the large one.
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { LoadFullTier } from "../src/client/full_tier.js";
import { SmartSynchClient } from "../src/client/smart_synch_client.js";
import { Core } from "../src/core/core_module.js";
import type { SentenceEncoder } from "../src/encoder/ort_encoder.js";
import { Engine } from "../src/engine/engine.js";
import { LocalTier } from "../src/local_tier.js";
import type { CreateOptions } from "../src/types.js";
import { idEncoder, noFiles } from "./support/id_encoder.js";
import { coreBytes } from "./support/paths.js";

const bytes = coreBytes();

class TestClient extends SmartSynchClient {
  static make(core: Core, load: LoadFullTier | null, options: CreateOptions): TestClient {
    return new TestClient(core, load, options);
  }
}

async function create(options: CreateOptions = {}, encoderMs = 0): Promise<TestClient> {
  const core = await Core.create(bytes);
  const load: LoadFullTier = async (_, events) => {
    const own = await Core.create(bytes);
    const encoder = idEncoder(own.info.dimension);
    const slow: SentenceEncoder = {
      ...encoder,
      run: async (batch) => {
        if (encoderMs > 0) await new Promise((resolve) => setTimeout(resolve, encoderMs));
        return encoder.run(batch);
      },
    };
    return new LocalTier(new Engine(own, slow, noFiles), events);
  };
  return TestClient.make(core, options.encoder === false ? null : load, options);
}

let synch: TestClient;
beforeEach(async () => {
  synch = await create();
  await synch.ready();
});
afterEach(() => {
  synch.dispose();
});

const best = (prediction: { suggestions: { categoryId: string }[] }): string | undefined =>
  prediction.suggestions[0]?.categoryId;

describe("feedback", () => {
  it("shows in the next prediction of both tiers", async () => {
    const task = { title: "Fix login crash", description: "500 on submit" };
    const baseVersion = synch.modelVersion;
    for (const category of ["planning", "Design", "meeting"]) {
      await synch.feedback({ ...task, category });
      const instant = synch.predictInstant(task);
      const full = await synch.predict(task);
      expect([best(instant), best(full)]).toEqual([category.toLowerCase(), category.toLowerCase()]);
      expect(instant.modelVersion).toBe(synch.modelVersion);
      expect(full.modelVersion).toBe(synch.modelVersion);
      expect(synch.modelVersion.startsWith(`${baseVersion}+`)).toBe(true);
    }
  });

  it("takes a rejection: the category is not suggested first for this text again", async () => {
    const task = { title: "Fix login crash" };
    const shown = await synch.predict(task);
    const first = best(shown) ?? "";
    await synch.feedback({ ...task, category: first, kind: "rejected", shown });
    expect(best(synch.predictInstant(task))).not.toBe(first);
    expect(best(await synch.predict(task))).not.toBe(first);
  });

  it("refuses what makes no sense by code and field, and learns nothing from it", async () => {
    const version = synch.modelVersion;
    const refused = async (feedback: object, codeName: string, field: string): Promise<void> => {
      await expect(synch.feedback(feedback as never)).rejects.toMatchObject({ codeName, field });
    };
    await refused({ title: "a", category: "nowhere" }, "not_found", "category");
    await refused({ title: "a" }, "invalid_argument", "category");
    await refused({ category: "design" }, "invalid_argument", "feedback.title");
    await refused({ title: " ", category: "design" }, "invalid_argument", "title");
    await refused({ title: "a", category: "design", kind: "x" }, "invalid_argument", "kind");
    expect(synch.modelVersion).toBe(version);
  });

  it("takes a task that is all description", async () => {
    const task = { title: "", description: "Water the plants" };
    await synch.feedback({ ...task, category: "design" });
    expect(best(await synch.predict(task))).toBe("design");
  });

  it("takes half an emoji and any script", async () => {
    for (const title of ["Fix \ud83d login", "会議の準備", "🌱 plants", "a\u202eb"]) {
      await synch.feedback({ title, category: "design" });
      expect(best(await synch.predict({ title }))).toBe("design");
    }
  });
});

describe("categories", () => {
  it("are suggested from their first example on, as a user's Home is", async () => {
    const home = await synch.addCategory({ name: "Home" });
    expect(home).toEqual({ id: "home", name: "Home" });
    await synch.feedback({ title: "Water the plants in the garden", category: home.id });
    for (const prediction of [
      synch.predictInstant({ title: "Water the plants on the balcony" }),
      await synch.predict({ title: "Water the plants on the balcony" }),
    ]) {
      expect(best(prediction)).toBe("home");
      expect(prediction.decision).not.toBe("new");
    }
    expect(best(await synch.predict({ title: "Fix login authentication bug" }))).not.toBe("home");
  });

  it("keep their ids when others are renamed, merged and removed, and undo restores them", async () => {
    const { id } = await synch.addCategory({ name: "Home" });
    await synch.feedback({ title: "Water the plants", category: id });
    const before = { version: synch.modelVersion, categories: synch.categories() };
    const steps = [
      () => synch.renameCategory(id, "House"),
      () => synch.mergeCategories("design", id),
      () => synch.removeCategory("planning"),
    ];
    for (const step of steps) {
      const recorded = await step();
      expect(synch.categories()).not.toEqual(before.categories);
      await synch.undo(recorded);
      expect(synch.categories()).toEqual(before.categories);
      expect(synch.modelVersion).toBe(before.version);
      expect(best(await synch.predict({ title: "Water the plants" }))).toBe(id);
    }
  });
});

describe("recolourCategory", () => {
  it("keeps a colour by id, over renaming, export and import, and takes it away again", async () => {
    await synch.addCategory({ name: "Home" });
    expect(synch.categories().at(-1)).toEqual({ id: "home", name: "Home" });
    const before = synch.predictInstant({ title: "Draw the logo" });
    await synch.recolourCategory("Home", "#AA00ff");
    await synch.renameCategory("home", "House");
    const coloured = { id: "home", name: "House", colour: "#aa00ff" };
    expect(synch.categories().at(-1)).toEqual(coloured);
    expect(synch.predictInstant({ title: "Draw the logo" }).suggestions).toEqual(
      before.suggestions,
    );
    const text = synch.exportUserData();
    await synch.forgetEverything();
    await synch.importUserData(text);
    expect(synch.categories().at(-1)).toEqual(coloured);
    await synch.recolourCategory("home", null);
    expect(synch.categories().at(-1)).toEqual({ id: "home", name: "House" });
  });

  it.each(["", "red", "#fff", "#12345g", "#000000;color:red", 7])("refuses %j", async (colour) => {
    await expect(synch.recolourCategory("design", colour as string)).rejects.toMatchObject({
      codeName: "invalid_argument",
      field: "colour",
    });
    expect(synch.categories().some((category) => category.colour !== undefined)).toBe(false);
  });
});

describe("the log", () => {
  it("goes out as user data and comes back elsewhere with the same version", async () => {
    await synch.addCategory({ name: "Home" });
    await synch.feedback({ title: "Water the plants", category: "Home", taskId: "t1" });
    const text = synch.exportUserData();
    expect(JSON.parse(text)).toMatchObject({ format: "smartsynch-user-data", version: 1 });
    // The full tier's embedding came back from it.
    expect(text).toContain('"embedding"');
    const other = await create({ encoder: false });
    await other.importUserData(text);
    expect(other.modelVersion).toBe(synch.modelVersion);
    expect(other.exportUserData()).toBe(text);
    await expect(other.importUserData("{}")).rejects.toMatchObject({ field: "format" });
    expect(other.exportUserData()).toBe(text);
    other.dispose();
  });

  it("forgets a task, text and all, and everything", async () => {
    const base = synch.modelVersion;
    await synch.feedback({ title: "Secret plan", category: "design", taskId: "t1" });
    await synch.feedback({ title: "Fix login", category: "design", taskId: "t2" });
    await expect(synch.forgetTask("t1")).resolves.toBe(1);
    expect(synch.exportUserData()).not.toContain("Secret");
    await synch.forgetEverything();
    expect(synch.modelVersion).toBe(base);
    expect((await synch.predict({ title: "Fix login" })).modelVersion).toBe(base);
  });

  it("is given to a full tier that is started later", async () => {
    const late = await create();
    const steps = [
      late.feedback({ title: "Fix login crash", category: "meeting" }),
      late.feedback({ title: "Draw the logo", category: "planning" }),
    ];
    await Promise.all(steps);
    await late.ready();
    expect(best(await late.predict({ title: "Fix login crash" }))).toBe("meeting");
    expect(best(await late.predict({ title: "Draw the logo" }))).toBe("planning");
    late.dispose();
  });

  it("taught before a slow full tier is loaded, it is in that tier's first answer", async () => {
    const late = await create({}, 20);
    await late.addCategory({ name: "Home" });
    await late.feedback({ title: "Water the plants on the balcony", category: "Home" });
    const { suggestions } = await late.predict({ title: "water plants in the living room" });
    expect(suggestions[0]?.category).toBe("Home");
    late.dispose();
  });
});
