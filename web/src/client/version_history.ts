import type { AnsweringVersions } from "../base/answering_versions.js";
import type { CoreComparison } from "../core/core_result.js";
import { SmartSynchError } from "../errors.js";
import type { StoredExperiment, StoredHistory, StoredVersion } from "../storage/stored_history.js";
import type { Experiment, ExperimentArm, PersonalVersion } from "../types.js";

/** So many fine-tunings are kept, the active one always. */
const MOST = 12;

/** The personal versions on this device: list, activate, roll back. Knows nothing of storage. */
export class VersionHistory {
  #stored: StoredHistory = { versions: [], active: "", former: [] };

  get stored(): StoredHistory {
    return this.#stored;
  }

  replace(stored: StoredHistory | null): void {
    this.#stored = stored ?? { versions: [], active: "", former: [] };
  }

  /** The last event of the log that a fine-tuning has looked at, accepted or not; 0: none. */
  get taughtUpTo(): number {
    return Math.max(0, ...this.#stored.versions.map(({ taughtUpTo = 0 }) => taughtUpTo));
  }

  /** The experiment that runs; null: none does. */
  get experiment(): StoredExperiment | null {
    return this.#stored.experiment ?? null;
  }

  get answering(): AnsweringVersions {
    const headsOf = (id = ""): Uint8Array => this.#find(id)?.heads ?? new Uint8Array();
    const { experiment } = this;
    const heads = headsOf(this.#stored.active);
    return { heads, experiment, challengerHeads: headsOf(experiment?.challenger) };
  }

  /**
   * @throws SmartSynchError `already_exists` while another runs, `not_found` for an unknown version,
   * `invalid_argument` for one version against itself.
   */
  startExperiment(wanted: StoredExperiment, baseVersion: string): void {
    if (this.experiment !== null) {
      throw new SmartSynchError("already_exists", "an experiment runs already", "experiment");
    }
    const champion = this.#storedId(wanted.champion, baseVersion, "champion");
    const challenger = this.#storedId(wanted.challenger, baseVersion, "challenger");
    if (champion === challenger) {
      const message = "champion and challenger are the same version";
      throw new SmartSynchError("invalid_argument", message, "challenger");
    }
    this.#answerWith(champion);
    this.#stored = { ...this.#stored, experiment: { ...wanted, champion, challenger } };
  }

  endExperiment(): void {
    this.#stored = { ...this.#stored, experiment: null };
  }

  /** The experiment that runs, with what the core has counted of it. */
  compare(counted: CoreComparison | null, baseVersion: string): Experiment | null {
    const { experiment: running } = this;
    if (running === null || counted === null) return null;
    const { champion, challenger, logEvidence, ...test } = counted;
    const { id, startedMs, share } = running;
    const arm = (version: string, { shown, accepted }: typeof champion): ExperimentArm => ({
      version: version === "" ? baseVersion : version,
      shown,
      accepted,
      acceptance: shown > 0 ? accepted / shown : null,
    });
    return {
      ...{ id, startedMs, share, ...test },
      champion: arm(running.champion, champion),
      challenger: arm(running.challenger, challenger),
      pValue: Math.min(1, Math.exp(-logEvidence)),
    };
  }

  /** The base model first, then every fine-tuning by age. */
  list(baseVersion: string): PersonalVersion[] {
    const { versions, active } = this.#stored;
    const none = { rows: 0, championRight: 0, challengerRight: 0 };
    const base = { id: baseVersion, parent: null, createdMs: 0, accepted: true, reason: "" };
    return [
      { ...base, base: none, feedback: none, active: active === "" },
      ...versions.map(({ id, parent, createdMs, accepted, reason, base: judged, feedback }) => ({
        ...{ parent, createdMs, accepted, reason, base: judged, feedback },
        id: id === "" ? null : id,
        active: id !== "" && id === active,
      })),
    ];
  }

  /** Adds a fine-tuning; an accepted one answers from now on, unless an experiment runs. */
  add(version: StoredVersion): void {
    const { versions } = this.#stored;
    const kept = versions.filter(({ id }) => id === "" || id !== version.id);
    kept.push(version);
    while (kept.length > MOST) {
      const needed = [this.#stored.active, this.experiment?.challenger];
      const oldest = kept.findIndex(({ id }) => id === "" || !needed.includes(id));
      kept.splice(oldest, 1);
    }
    this.#stored = { ...this.#stored, versions: kept };
    if (version.accepted && this.experiment === null) this.#answerWith(version.id);
  }

  /** Ends an experiment. @throws SmartSynchError `not_found` for an id that no version here has. */
  activate(id: string, baseVersion: string): void {
    this.#answerWith(this.#storedId(id, baseVersion, "version"));
    this.endExperiment();
  }

  #answerWith(chosen: string): void {
    const { active, former } = this.#stored;
    if (chosen === active) return;
    this.#stored = { ...this.#stored, active: chosen, former: [...former, active].slice(-MOST) };
  }

  /** @throws SmartSynchError `not_found` when no version that is still here was active before. */
  rollBack(): void {
    const former = [...this.#stored.former];
    for (let id = former.pop(); id !== undefined; id = former.pop()) {
      if (id !== "" && this.#find(id) === undefined) continue;
      this.#stored = { ...this.#stored, active: id, former, experiment: null };
      return;
    }
    throw new SmartSynchError("not_found", "no version was active before", "version");
  }

  /** As ids stand here: empty for the base model. */
  #storedId(id: string, baseVersion: string, field: string): string {
    if (id === baseVersion) return "";
    if (id === "" || this.#find(id) === undefined) {
      throw new SmartSynchError("not_found", `there is no version "${id}"`, field);
    }
    return id;
  }

  #find(id: string): StoredVersion | undefined {
    return id === "" ? undefined : this.#stored.versions.find((version) => version.id === id);
  }
}
