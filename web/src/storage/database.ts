/**
 * The database of the feedback log: its schema, and opening it.
 * @module
 */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";

import type { StoredHistory } from "./stored_history.js";

/** Raised whenever an object store is added or changed; `upgrade` below leads from every older one. */
const SCHEMA_VERSION = 3;
/** How long opening may take, for instance because another tab still holds an older schema. */
const OPEN_TIMEOUT_MS = 3000;

/** What is stored. */
export interface Schema extends DBSchema {
  /** One line of JSON an event, by the event's number. */
  events: { key: number; value: string };
  /** How often the log was changed, so that a tab sees what it has missed. */
  meta: { key: string; value: number };
  /** The versions that fine-tuning made, one record. */
  versions: { key: string; value: StoredHistory };
  /** What a beginning of the log came to, so that loading need not go through it; one at most. */
  snapshots: { key: string; value: Uint8Array };
}

/**
 * Opens the database, made or brought up to this schema. `onClosed` is called when it is taken away
 * later: by a newer page, by the user or by the browser.
 */
export async function connect(
  name: string,
  onClosed: (error: DOMException) => void,
): Promise<IDBPDatabase<Schema>> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DOMException("the database could not be opened in time", "TimeoutError"));
    }, OPEN_TIMEOUT_MS);
  });
  const closed = (why: string): void => {
    onClosed(new DOMException(why, "InvalidStateError"));
  };
  const opening = openDB<Schema>(name, SCHEMA_VERSION, {
    upgrade: (db, oldVersion) => {
      if (oldVersion < 1) {
        db.createObjectStore("events");
        db.createObjectStore("meta");
      }
      if (oldVersion < 2) db.createObjectStore("versions");
      if (oldVersion < 3) db.createObjectStore("snapshots");
    },
    // A newer page wants to change the schema, or the user wipes the data: make way.
    blocking: () => {
      closed("another tab took the database over");
    },
    terminated: () => {
      closed("the browser closed the database");
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
