// Which versions stay and answer while an experiment runs.
import { describe, expect, it } from "vitest";

import { VersionHistory } from "../src/client/version_history.js";
import type { StoredExperiment } from "../src/storage/stored_history.js";
import { fineTuningFor } from "./support/heads.mjs";

const running: StoredExperiment = {
  ...{ id: "e", startedMs: 1, share: 0.5 },
  ...{ champion: "base", challenger: "c" },
};

function add(history: VersionHistory, id: string): void {
  const made = fineTuningFor("base", ["design"], "design");
  history.add({ ...made, id, parent: "", createdMs: 1 });
}

describe("VersionHistory", () => {
  it("keeps both versions of an experiment and lets no later one answer", () => {
    const history = new VersionHistory();
    add(history, "c");
    history.activate("base", "base");
    history.startExperiment(running, "base");
    expect(history.answering.challengerHeads.length).toBeGreaterThan(0);
    for (let i = 0; i < 20; i++) add(history, `later ${String(i)}`);
    expect(history.stored.active).toBe("");
    expect(history.stored.versions.map(({ id }) => id)).toContain("c");
    expect(history.experiment).toEqual({ ...running, champion: "" });
    history.endExperiment();
    add(history, "last");
    expect(history.stored.active).toBe("last");
  });

  it("ends an experiment when another version is to answer", () => {
    const history = new VersionHistory();
    add(history, "c");
    history.startExperiment(running, "base");
    expect(history.stored.active).toBe("");
    history.rollBack();
    expect(history.stored.active).toBe("c");
    expect(history.experiment).toBeNull();
  });

  it("reads what an earlier release kept, which knew no experiments", () => {
    const history = new VersionHistory();
    history.replace({ versions: [], active: "", former: [] });
    expect(history.experiment).toBeNull();
    expect(history.answering.challengerHeads).toHaveLength(0);
  });
});
