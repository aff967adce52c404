/**
 * Everything of the page in one file: the tasks, and the `user_data.json` of what was learnt. Pure.
 * @module
 */
import { checkTasks, type StoredTask } from "./task.js";

const FORMAT = "smartsynch-tasks";
const VERSION = 1;

export interface Backup {
  /** Null when the file is a user_data.json alone: then the tasks stay. */
  tasks: StoredTask[] | null;
  /** The text of a user_data.json. */
  learnt: string;
}

export function writeBackup(tasks: readonly StoredTask[], learnt: string): string {
  const file = { format: FORMAT, version: VERSION, tasks, learnt: JSON.parse(learnt) as unknown };
  return `${JSON.stringify(file, null, 1)}\n`;
}

/** @throws Error saying what is wrong with the file. */
export function readBackup(text: string): Backup {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw new Error("the file is not JSON", { cause });
  }
  if (typeof file !== "object" || file === null) throw new Error("the file is not an export");
  const { format, version, tasks, learnt } = file as Record<string, unknown>;
  if (format === "smartsynch-user-data") return { tasks: null, learnt: text };
  if (format !== FORMAT) throw new Error("the file is not an export of this page");
  if (version !== VERSION) throw new Error("the file is of another version of this page");
  return { tasks: checkTasks(tasks), learnt: JSON.stringify(learnt) };
}
