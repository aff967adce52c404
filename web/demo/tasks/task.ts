/**
 * A task as the device keeps it, and what can be said of a list of them: pure, no DOM, no storage.
 * @module
 */

/** Who put the task in its category; `none`: it has none. */
export type ChosenBy = "auto" | "manual" | "none";

export interface StoredTask {
  id: string;
  title: string;
  description: string;
  /** As it was chosen; a category merged or removed since then is resolved when it is shown. */
  categoryId: string | null;
  chosenBy: ChosenBy;
  done: boolean;
  /** Milliseconds since 1970. */
  createdMs: number;
}

const LONGEST = 60;

/** Which tasks are listed: all, those without a category, or those of one. */
export type Filter = { kind: "all" } | { kind: "none" } | { kind: "category"; id: string };

/** The category that a task counts to now; null for none. */
export type Resolve = (categoryId: string | null) => string | null;

/** Newest first, in two lists. */
export function listTasks(
  tasks: readonly StoredTask[],
  filter: Filter,
  resolve: Resolve,
): { open: StoredTask[]; done: StoredTask[] } {
  const listed = tasks
    .filter((task) => matches(task, filter, resolve))
    .sort((a, b) => b.createdMs - a.createdMs || (a.id < b.id ? 1 : -1));
  return { open: listed.filter(({ done }) => !done), done: listed.filter(({ done }) => done) };
}

/** How many open tasks each category has; the key null counts those without. */
export function countOpen(
  tasks: readonly StoredTask[],
  resolve: Resolve,
): Map<string | null, number> {
  const counts = new Map<string | null, number>();
  for (const { done, categoryId } of tasks) {
    if (done) continue;
    const id = resolve(categoryId);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** Whether a filter lists the task. */
export function matches({ categoryId }: StoredTask, filter: Filter, resolve: Resolve): boolean {
  if (filter.kind === "all") return true;
  return resolve(categoryId) === (filter.kind === "none" ? null : filter.id);
}

/** A title for a message of one line. */
export function shortened(title: string): string {
  const letters = Array.from(title);
  return letters.length <= LONGEST
    ? title
    : `${letters
        .slice(0, LONGEST - 1)
        .join("")
        .trimEnd()}…`;
}

/**
 * The tasks in a value that came from outside. Unknown fields are left out.
 * @throws Error naming the field that is wrong.
 */
export function checkTasks(value: unknown): StoredTask[] {
  if (!Array.isArray(value)) throw new Error("tasks is not a list");
  const ids = new Set<string>();
  return value.map((entry: unknown, index) => {
    const task = checkTask(entry, `tasks[${String(index)}]`);
    if (ids.has(task.id)) throw new Error(`tasks[${String(index)}].id is there twice`);
    ids.add(task.id);
    return task;
  });
}

function checkTask(value: unknown, at: string): StoredTask {
  if (typeof value !== "object" || value === null) throw new Error(`${at} is not an object`);
  const { id, title, description, categoryId, chosenBy, done, createdMs } = value as Record<
    string,
    unknown
  >;
  if (typeof id !== "string" || id === "") throw new Error(`${at}.id is not a text`);
  if (typeof title !== "string" || title === "") throw new Error(`${at}.title is not a text`);
  if (typeof description !== "string") throw new Error(`${at}.description is not a text`);
  if (categoryId !== null && typeof categoryId !== "string") {
    throw new Error(`${at}.categoryId is neither a text nor null`);
  }
  if (chosenBy !== "auto" && chosenBy !== "manual" && chosenBy !== "none") {
    throw new Error(`${at}.chosenBy is not auto, manual or none`);
  }
  if (typeof done !== "boolean") throw new Error(`${at}.done is not true or false`);
  if (typeof createdMs !== "number" || !Number.isFinite(createdMs)) {
    throw new Error(`${at}.createdMs is not a number`);
  }
  return { id, title, description, categoryId, chosenBy, done, createdMs };
}
