import { type DBSchema, type IDBPDatabase, openDB } from "idb";

import { checkTasks, type StoredTask } from "./task.js";

const NAME = "smartsynch-tasks";
const VERSION = 1;

interface Schema extends DBSchema {
  tasks: { key: string; value: StoredTask };
}

/**
 * The tasks, in memory and in the device's IndexedDB, shared by all tabs. Where nothing can be saved
 * (a private window, no space), the list goes on in memory, and `onFailure` is told once.
 */
export class TaskStore {
  #tasks = new Map<string, StoredTask>();
  #db: IDBPDatabase<Schema> | null = null;
  #channel: BroadcastChannel | null = null;
  readonly #onFailure: (error: unknown) => void;

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  get all(): StoredTask[] {
    return [...this.#tasks.values()];
  }

  get(id: string): StoredTask | undefined {
    return this.#tasks.get(id);
  }

  /** `onOutsideChange`: another tab changed something, and this one has it now. */
  async open(onOutsideChange: () => void): Promise<void> {
    try {
      this.#db = await openDB<Schema>(NAME, VERSION, {
        upgrade: (db) => {
          db.createObjectStore("tasks", { keyPath: "id" });
        },
        blocking: () => {
          this.#fail(new DOMException("another tab took the database over", "InvalidStateError"));
        },
        terminated: () => {
          this.#fail(new DOMException("the browser closed the database", "InvalidStateError"));
        },
      });
      this.#channel = new BroadcastChannel(NAME);
      this.#channel.onmessage = () => void this.#load().then(onOutsideChange);
      await this.#load();
    } catch (error) {
      this.#fail(error);
    }
  }

  async put(...tasks: readonly StoredTask[]): Promise<void> {
    for (const task of tasks) this.#tasks.set(task.id, task);
    await this.#write(async (store) => {
      await Promise.all(tasks.map((task) => store.put(task)));
    });
  }

  async delete(id: string): Promise<void> {
    this.#tasks.delete(id);
    await this.#write((store) => store.delete(id));
  }

  /** These take the place of all that is there. */
  async replace(tasks: readonly StoredTask[]): Promise<void> {
    this.#tasks = new Map(tasks.map((task) => [task.id, task]));
    await this.#write(async (store) => {
      await store.clear();
      await Promise.all(tasks.map((task) => store.put(task)));
    });
  }

  async #load(): Promise<void> {
    if (this.#db === null) return;
    const tasks = checkTasks(await this.#db.getAll("tasks"));
    this.#tasks = new Map(tasks.map((task) => [task.id, task]));
  }

  async #write(
    change: (store: {
      put: (task: StoredTask) => Promise<unknown>;
      delete: (id: string) => Promise<void>;
      clear: () => Promise<void>;
    }) => Promise<void>,
  ): Promise<void> {
    if (this.#db === null) return;
    try {
      const transaction = this.#db.transaction("tasks", "readwrite");
      await Promise.all([change(transaction.store), transaction.done]);
      this.#channel?.postMessage(null);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#db?.close();
    this.#db = null;
    this.#onFailure(error);
  }
}
