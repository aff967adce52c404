import type { Task } from "../types.js";
import { invalidType } from "./invalid_type.js";

/** A checked task: both strings present and well-formed is left to the core module. */
export interface CheckedTask {
  title: string;
  description: string;
  /** What decides who answers while an experiment runs; absent: the text. */
  key?: string;
}

/**
 * Checks what a caller passed as task.
 * @throws SmartSynchError `invalid_argument`, naming the field below `path`.
 */
export function checkTask(task: Task, path = "task"): CheckedTask {
  const candidate: unknown = task;
  if (typeof candidate !== "object" || candidate === null) {
    throw invalidType(path, "an object with a title", candidate);
  }
  const { title, description } = candidate as Record<string, unknown>;
  if (typeof title !== "string") throw invalidType(`${path}.title`, "a string", title);
  if (description !== undefined && description !== null && typeof description !== "string") {
    throw invalidType(`${path}.description`, "a string", description);
  }
  return { title, description: description ?? "" };
}

/** {@link checkTask} with the task's id, if it has one, as key. */
export function checkKeyedTask(task: Task, path = "task"): CheckedTask {
  const checked = checkTask(task, path);
  const taskId: unknown = task.taskId;
  if (taskId === undefined || taskId === "") return checked;
  if (typeof taskId !== "string") throw invalidType(`${path}.taskId`, "a string", taskId);
  return { ...checked, key: taskId };
}

/** Checks a list of tasks; the error names the first bad one, such as `tasks[3].title`. */
export function checkTasks(tasks: readonly Task[], check = checkTask): CheckedTask[] {
  if (!Array.isArray(tasks)) throw invalidType("tasks", "an array", tasks);
  return tasks.map((task: Task, index) => check(task, `tasks[${String(index)}]`));
}
