/**
 * The feedback log in IndexedDB, shared by all tabs of a page's origin. Every change is made while a
 * Web Lock is held and after what other tabs wrote has been taken over, so no event is lost or
 * written twice; a BroadcastChannel tells the other tabs.
 *
 * When storage fails (full, blocked, wiped, forbidden), the store closes itself and says so once;
 * whoever uses it goes on in memory. Nothing already saved is touched by that.
 * @module
 */
import type { IDBPDatabase, IDBPTransaction, StoreNames } from "idb";

import { toError } from "../errors.js";
import type { StorageFailure } from "../types.js";
import { connect, type Schema } from "./database.js";
import { askToPersist, locked, reasonOf } from "./host.js";
import type { StoredHistory } from "./stored_history.js";

const CHANGES = "changes";
const HISTORY = "history";
const LATEST = "latest";

export interface StoreEvents {
  /** Called at most once; from then on every call does nothing. */
  onFailure: (reason: StorageFailure, error: Error) => void;
  /** Another tab has changed the log: it is to be read again. */
  onOutsideChange: () => void;
}

/** What an exclusive change may do. */
export interface StoreSession {
  /** The log (JSON Lines) when another tab has changed it since this one read or wrote it. */
  outside: string | null;
  /** With `outside`: the latest snapshot, which may be of another log. */
  snapshot: Uint8Array | null;
  put: (sequence: number, line: string) => Promise<void>;
  /** Takes the snapshot away, too: it holds what was learnt from the lines that are gone. */
  replace: (lines: readonly (readonly [number, string])[]) => Promise<void>;
  keepSnapshot: (snapshot: Uint8Array) => Promise<void>;
}

export class LogStore {
  readonly #name: string;
  readonly #events: StoreEvents;
  readonly #channel: BroadcastChannel;
  #db: IDBPDatabase<Schema> | null = null;
  #known = -1;

  private constructor(name: string, events: StoreEvents) {
    this.#name = name;
    this.#events = events;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = () => {
      if (this.#db !== null) events.onOutsideChange();
    };
  }

  /** Opens the database; null when that fails, after `onFailure` was called. */
  static async open(name: string, events: StoreEvents): Promise<LogStore | null> {
    if (typeof indexedDB === "undefined" || typeof BroadcastChannel === "undefined") {
      events.onFailure("unavailable", new Error("this host has no IndexedDB"));
      return null;
    }
    const store = new LogStore(name, events);
    try {
      store.#db = await connect(name, (error) => {
        store.#fail(error);
      });
      return store;
    } catch (error) {
      store.#fail(error);
      return null;
    }
  }

  /** False once storage has failed or the store was closed. */
  get isOpen(): boolean {
    return this.#db !== null;
  }

  /**
   * Runs `change` while no other tab can change the log, and returns what it returned. When storage
   * fails, `change` is still run (once), with a session that stores nothing.
   */
  async exclusive<T>(change: (session: StoreSession) => Promise<T>): Promise<T> {
    const state = { started: false };
    const run = (session: StoreSession): Promise<T> => {
      state.started = true;
      return change(session);
    };
    try {
      return await locked(this.#name, async () => {
        const missed = await this.#missed();
        return run({
          outside: missed?.lines ?? null,
          snapshot: missed?.snapshot ?? null,
          put: (sequence, line) =>
            this.#change(["events"], (transaction) =>
              transaction.objectStore("events").put(line, sequence),
            ),
          replace: (lines) =>
            this.#change(["events", "snapshots"], async (transaction) => {
              const events = transaction.objectStore("events");
              await Promise.all([events.clear(), transaction.objectStore("snapshots").clear()]);
              await Promise.all(lines.map(([sequence, line]) => events.put(line, sequence)));
            }),
          keepSnapshot: (snapshot) => this.#keepSnapshot(snapshot),
        });
      });
    } catch (error) {
      if (state.started) throw error;
      this.#fail(error);
      const none = { outside: null, snapshot: null };
      return run({ ...none, put: nothing, replace: nothing, keepSnapshot: nothing });
    }
  }

  /** Writes an event's line anew, if the event is still there. */
  async fillIn(sequence: number, line: string): Promise<void> {
    try {
      const transaction = this.#db?.transaction("events", "readwrite");
      if (transaction === undefined) return;
      if ((await transaction.store.getKey(sequence)) !== undefined) {
        await transaction.store.put(line, sequence);
      }
      await transaction.done;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The versions that fine-tuning made; null: none, or they cannot be read. */
  async readHistory(): Promise<StoredHistory | null> {
    try {
      return (await this.#db?.get("versions", HISTORY)) ?? null;
    } catch (error) {
      this.#fail(error);
      return null;
    }
  }

  /** Other tabs take it over with the log. */
  async writeHistory(history: StoredHistory): Promise<void> {
    await this.#change(["versions"], (transaction) =>
      transaction.objectStore("versions").put(history, HISTORY),
    );
  }

  /** No news for other tabs, and no failure where there is no room: the log says it all. */
  async #keepSnapshot(snapshot: Uint8Array): Promise<void> {
    await this.#db?.put("snapshots", snapshot, LATEST).catch(() => undefined);
  }

  /** Says that what is stored cannot be read; it stays as it is, and nothing more is written. */
  failAsDamaged(error: Error): void {
    this.#fail(error, "damaged");
  }

  close(): void {
    this.#db?.close();
    this.#db = null;
    this.#channel.close();
  }

  /** The log when others have changed it; numbers ascend, since they are the keys. */
  async #missed(): Promise<{ lines: string; snapshot: Uint8Array | null } | null> {
    if (this.#db === null) return null;
    const transaction = this.#db.transaction(["events", "meta", "snapshots"]);
    const changes = (await transaction.objectStore("meta").get(CHANGES)) ?? 0;
    if (changes === this.#known) return null;
    const lines = await transaction.objectStore("events").getAll();
    const snapshot = (await transaction.objectStore("snapshots").get(LATEST)) ?? null;
    this.#known = changes;
    return { lines: lines.map((line) => `${line}\n`).join(""), snapshot };
  }

  async #change<Name extends Exclude<StoreNames<Schema>, "meta">>(
    names: readonly Name[],
    change: (
      transaction: IDBPTransaction<Schema, (Name | "meta")[], "readwrite">,
    ) => Promise<unknown>,
  ): Promise<void> {
    if (this.#db === null) return;
    try {
      const transaction = this.#db.transaction([...names, "meta" as const], "readwrite");
      const meta = transaction.objectStore("meta");
      const changes = ((await meta.get(CHANGES)) ?? 0) + 1;
      await Promise.all([change(transaction), meta.put(changes, CHANGES), transaction.done]);
      this.#known = changes;
      this.#channel.postMessage(changes);
      if (changes === 1) askToPersist();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(thrown: unknown, reason?: StorageFailure): void {
    const error = toError(thrown);
    this.close();
    this.#events.onFailure(reason ?? reasonOf(error), error);
  }
}

function nothing(): Promise<void> {
  return Promise.resolve();
}
