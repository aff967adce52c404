/**
 * The feedback log in IndexedDB, shared by all tabs of a page's origin. Every change is made while a
 * Web Lock is held and after what other tabs wrote has been taken over, so no event is lost or
 * written twice; a BroadcastChannel tells the other tabs.
 *
 * When storage fails (full, blocked, wiped, forbidden), the store closes itself and says so once;
 * whoever uses it goes on in memory. Nothing already saved is touched by that.
 * @module
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";

import { toError } from "../errors.js";
import type { StorageFailure } from "../types.js";
import { askToPersist, locked, reasonOf } from "./host.js";
import type { StoredHistory } from "./stored_history.js";

/** Raised whenever an object store is added or changed; `upgrade` below leads from every older one. */
const SCHEMA_VERSION = 2;
const CHANGES = "changes";
const HISTORY = "history";
/** How long opening may take, for instance because another tab still holds an older schema. */
const OPEN_TIMEOUT_MS = 3000;

interface Schema extends DBSchema {
  /** One line of JSON an event, by the event's number. */
  events: { key: number; value: string };
  /** How often the log was changed, so that a tab sees what it has missed. */
  meta: { key: string; value: number };
  /** The versions that fine-tuning made, one record. */
  versions: { key: string; value: StoredHistory };
}

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
  put: (sequence: number, line: string) => Promise<void>;
  replace: (lines: readonly (readonly [number, string])[]) => Promise<void>;
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
      store.#db = await store.#connect();
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
        const outside = await this.#missed();
        return run({
          outside,
          put: (sequence, line) => this.#write((events) => events.put(line, sequence)),
          replace: (lines) =>
            this.#write(async (events) => {
              await events.clear();
              await Promise.all(lines.map(([sequence, line]) => events.put(line, sequence)));
            }),
        });
      });
    } catch (error) {
      if (state.started) throw error;
      this.#fail(error);
      return run({ outside: null, put: nothing, replace: nothing });
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
    await this.#change("versions", (versions) => versions.put(history, HISTORY));
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

  async #connect(): Promise<IDBPDatabase<Schema>> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new DOMException("the database could not be opened in time", "TimeoutError"));
      }, OPEN_TIMEOUT_MS);
    });
    const opening = openDB<Schema>(this.#name, SCHEMA_VERSION, {
      upgrade: (db, oldVersion) => {
        if (oldVersion < 1) {
          db.createObjectStore("events");
          db.createObjectStore("meta");
        }
        if (oldVersion < 2) db.createObjectStore("versions");
      },
      // A newer page wants to change the schema, or the user wipes the data: make way.
      blocking: () => {
        this.#fail(new DOMException("another tab took the database over", "InvalidStateError"));
      },
      terminated: () => {
        this.#fail(new DOMException("the browser closed the database", "InvalidStateError"));
      },
    });
    try {
      return await Promise.race([opening, tooLong]);
    } catch (error) {
      opening.then(
        (late) => {
          late.close();
        },
        () => undefined,
      );
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The log when others have changed it; numbers ascend, since they are the keys. */
  async #missed(): Promise<string | null> {
    if (this.#db === null) return null;
    const transaction = this.#db.transaction(["events", "meta"]);
    const changes = (await transaction.objectStore("meta").get(CHANGES)) ?? 0;
    if (changes === this.#known) return null;
    const lines = await transaction.objectStore("events").getAll();
    this.#known = changes;
    return lines.map((line) => `${line}\n`).join("");
  }

  #write(
    change: (events: {
      put: (line: string, sequence: number) => Promise<unknown>;
      clear: () => Promise<unknown>;
    }) => Promise<unknown>,
  ): Promise<void> {
    return this.#change("events", change);
  }

  async #change<Name extends "events" | "versions">(
    name: Name,
    change: (store: {
      put: (value: Schema[Name]["value"], key: Schema[Name]["key"]) => Promise<unknown>;
      clear: () => Promise<unknown>;
    }) => Promise<unknown>,
  ): Promise<void> {
    if (this.#db === null) return;
    try {
      const transaction = this.#db.transaction([name, "meta"], "readwrite");
      const meta = transaction.objectStore("meta");
      const changes = ((await meta.get(CHANGES)) ?? 0) + 1;
      await Promise.all([
        change(transaction.objectStore(name)),
        meta.put(changes, CHANGES),
        transaction.done,
      ]);
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
