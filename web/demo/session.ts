import type { Prediction, SmartSynch } from "../src/index.js";
import { Categories } from "./categories.js";
import { type Backup, readBackup, writeBackup } from "./tasks/backup.js";
import {
  effectiveSteps,
  latestStepOf,
  mergedInto,
  namesIn,
  readSteps,
  type Step,
} from "./tasks/history.js";
import type { StoredTask } from "./tasks/task.js";
import { TaskStore } from "./tasks/task_store.js";

type TaughtAs = "accepted" | "changed" | "rejected";

/**
 * What the pages share: the tasks, the categories, and SmartSynch once it is loaded. Every change
 * calls the listeners, also one made in another tab.
 */
export class Session {
  readonly categories = new Categories();
  readonly #store: TaskStore;
  readonly #listeners: (() => void)[] = [];
  #synch: SmartSynch | null = null;
  #steps: Step[] = [];
  #merged = new Map<string, string>();
  #names = new Map<string, string>();

  /** `onStorageFailure`: tasks are kept in memory only. */
  constructor(onStorageFailure: (error: unknown) => void) {
    this.#store = new TaskStore(onStorageFailure);
  }

  get synch(): SmartSynch | null {
    return this.#synch;
  }
  get tasks(): StoredTask[] {
    return this.#store.all;
  }
  /** The steps that count, oldest first. */
  get steps(): Step[] {
    return effectiveSteps(this.#steps);
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async openTasks(): Promise<void> {
    await this.#store.open(() => {
      this.changed();
    });
    this.changed();
  }

  async attach(synch: SmartSynch): Promise<void> {
    this.#synch = synch;
    await this.categories.attach(synch);
    this.changed();
  }

  /** Reads anew what others may have changed, and tells the listeners. */
  changed(): void {
    this.categories.refresh();
    this.#steps = this.#synch === null ? [] : readSteps(this.#synch.exportUserData());
    this.#merged = mergedInto(this.#steps);
    this.#names = namesIn(this.#steps);
    for (const listener of this.#listeners) listener();
  }

  /** The category that counts for one chosen earlier: merged ones followed, removed ones none. */
  resolve = (id: string | null): string | null => {
    const current = id === null ? null : (this.#merged.get(id) ?? id);
    return current !== null && this.categories.has(current) ? current : null;
  };

  /** A category's name, also of one that is no longer there. */
  nameOf = (id: string): string => this.categories.nameOf(id) ?? this.#names.get(id) ?? id;

  task(id: string): StoredTask | undefined {
    return this.#store.get(id);
  }

  /** Shown at once, and saved when this resolves. */
  async save(...tasks: readonly StoredTask[]): Promise<void> {
    const saved = this.#store.put(...tasks);
    this.changed();
    await saved;
  }

  /** Deletes a task, and what was learnt from it, text and all. */
  async delete(task: StoredTask): Promise<void> {
    const deleted = this.#store.delete(task.id);
    this.changed();
    await deleted;
    await this.#synch?.forgetTask(task.id);
    this.changed();
  }

  /**
   * Learns a task's category in place of what was learnt from the task before; "rejected": that it is
   * not the category `shown`.
   */
  async teach(task: StoredTask, kind: TaughtAs, shown?: Prediction): Promise<void> {
    const { id: taskId, title, description } = task;
    const categoryId = kind === "rejected" ? (shown?.categoryId ?? null) : task.categoryId;
    const synch = this.#synch;
    if (synch === null) return;
    const former = latestStepOf(this.#steps, taskId);
    if (former !== null) await synch.undo({ sequence: former });
    if (categoryId !== null) {
      const feedback = { title, description, category: categoryId, kind, taskId };
      // A title without a word ("!!!") teaches nothing, and needs not.
      await synch.feedback({ ...feedback, shown }).catch(() => undefined);
    }
    this.changed();
  }

  async undo(step: Step): Promise<void> {
    await this.#synch?.undo(step);
    this.changed();
  }

  async createCategory(name: string): Promise<string> {
    const { id } = await this.categories.create(name);
    this.changed();
    return id;
  }

  async renameCategory(id: string, name: string): Promise<void> {
    await this.#synch?.renameCategory(id, name);
    this.changed();
  }

  async recolourCategory(id: string, colour: string): Promise<void> {
    await this.#synch?.recolourCategory(id, colour);
    this.changed();
  }

  async mergeCategories(id: string, into: string): Promise<void> {
    await this.#synch?.mergeCategories(id, into);
    this.changed();
  }

  async removeCategory(id: string): Promise<void> {
    await this.#synch?.removeCategory(id);
    this.changed();
  }

  exportBackup(): string {
    const nothing = '{"format":"smartsynch-user-data","version":1,"events":[]}';
    return writeBackup(this.tasks, this.#synch?.exportUserData() ?? nothing);
  }

  /** Rejects with what is wrong with the text; then nothing has changed. */
  async importBackup(text: string): Promise<Backup> {
    const backup = readBackup(text);
    await this.#synch?.importUserData(backup.learnt);
    if (backup.tasks !== null) await this.#store.replace(backup.tasks);
    this.changed();
    return backup;
  }

  async forgetEverything(): Promise<void> {
    await this.#store.replace([]);
    await this.#synch?.forgetEverything();
    this.changed();
  }
}
