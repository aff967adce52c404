import { SmartSynchError } from "../errors.js";
import type { StoredHistory, StoredVersion } from "../storage/stored_history.js";
import type { PersonalVersion } from "../types.js";

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

  /** The heads that are to answer; no bytes: the base model does. */
  activeHeads(): Uint8Array {
    return this.#find(this.#stored.active)?.heads ?? new Uint8Array();
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

  /** Adds a fine-tuning; an accepted one answers from now on. */
  add(version: StoredVersion): void {
    const { versions } = this.#stored;
    const kept = versions.filter(({ id }) => id === "" || id !== version.id);
    kept.push(version);
    while (kept.length > MOST) {
      const oldest = kept.findIndex(({ id }) => id === "" || id !== this.#stored.active);
      kept.splice(oldest, 1);
    }
    this.#stored = { ...this.#stored, versions: kept };
    if (version.accepted) this.activate(version.id, "");
  }

  /** @throws SmartSynchError `not_found` for an id that no version here has. */
  activate(id: string, baseVersion: string): void {
    const isBase = id === baseVersion;
    const chosen = isBase ? "" : id;
    if (!isBase && this.#find(chosen) === undefined) {
      throw new SmartSynchError("not_found", `there is no version "${id}"`, "version");
    }
    const { active, former } = this.#stored;
    if (chosen === active) return;
    this.#stored = { ...this.#stored, active: chosen, former: [...former, active].slice(-MOST) };
  }

  /** @throws SmartSynchError `not_found` when no version that is still here was active before. */
  rollBack(): void {
    const former = [...this.#stored.former];
    for (let id = former.pop(); id !== undefined; id = former.pop()) {
      if (id !== "" && this.#find(id) === undefined) continue;
      this.#stored = { ...this.#stored, active: id, former };
      return;
    }
    throw new SmartSynchError("not_found", "no version was active before", "version");
  }

  #find(id: string): StoredVersion | undefined {
    return id === "" ? undefined : this.#stored.versions.find((version) => version.id === id);
  }
}
