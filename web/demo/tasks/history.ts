/**
 * The feedback log as the page shows it, read from what `exportUserData()` writes (format:
 * data/README.md). Pure.
 * @module
 */
import type { Resolve } from "./task.js";

/** One step, with the fields that the page uses. */
export interface Step {
  sequence: number;
  kind: string;
  timeMs: number;
  taskId: string;
  title: string;
  categoryId: string;
  name: string;
  targetId: string;
  /** Of `undone`: the step taken back; 0 otherwise. */
  undoes: number;
}

/** All events, oldest first; none for a text that is not such a file. */
export function readSteps(userData: string): Step[] {
  const { events } = JSON.parse(userData) as { events?: Record<string, unknown>[] };
  return (events ?? []).map((event) => {
    const text = (name: string): string => {
      const value = event[name];
      return typeof value === "string" ? value : "";
    };
    return {
      sequence: Number(event["sequence"]),
      kind: text("kind"),
      timeMs: Number(event["time_ms"]),
      taskId: text("task_id"),
      title: text("title"),
      categoryId: text("category_id"),
      name: text("name"),
      targetId: text("target_id"),
      undoes: Number(event["undoes"] ?? 0),
    };
  });
}

/** The steps that count: without those taken back, and without the taking back. */
export function effectiveSteps(steps: readonly Step[]): Step[] {
  const undone = new Set(steps.filter(({ kind }) => kind === "undone").map(({ undoes }) => undoes));
  return steps.filter(({ kind, sequence }) => kind !== "undone" && !undone.has(sequence));
}

/** Where each merged category went, followed to the end. */
export function mergedInto(steps: readonly Step[]): Map<string, string> {
  const direct = new Map<string, string>();
  for (const { kind, categoryId, targetId } of effectiveSteps(steps)) {
    if (kind === "category_merged") direct.set(categoryId, targetId);
  }
  const followed = new Map<string, string>();
  for (const id of direct.keys()) {
    let target = id;
    for (let hops = 0; hops <= direct.size; hops += 1) target = direct.get(target) ?? target;
    followed.set(id, target);
  }
  return followed;
}

/** The names that the log gives to categories, for those that are no longer there. */
export function namesIn(steps: readonly Step[]): Map<string, string> {
  return new Map(
    steps.filter(({ name }) => name !== "").map((step) => [step.categoryId, step.name]),
  );
}

/** The step about a task that counts now; null when nothing was learnt of it. */
export function latestStepOf(steps: readonly Step[], taskId: string): number | null {
  const own = effectiveSteps(steps).filter((step) => step.taskId === taskId);
  return own.at(-1)?.sequence ?? null;
}

/** How many tasks the user put in each category by hand, or took out of it. */
export function countCorrections(
  steps: readonly Step[],
  resolve: Resolve = (id) => id,
): Map<string | null, number> {
  const counts = new Map<string | null, number>();
  for (const { kind, categoryId } of effectiveSteps(steps)) {
    if (kind !== "changed" && kind !== "rejected") continue;
    const id = resolve(categoryId);
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}

/** "3 corrections"; nothing for none. */
export function correctionsText(steps: readonly Step[]): string {
  const count = [...countCorrections(steps).values()].reduce((sum, one) => sum + one, 0);
  return count === 0 ? "" : `${String(count)} ${count === 1 ? "correction" : "corrections"}`;
}

/** A step in words: what happened, and of what. */
export function describeStep(
  step: Step,
  nameOf: (id: string) => string,
): { what: string; of: string } {
  const name = nameOf(step.categoryId);
  switch (step.kind) {
    case "changed":
      return { what: `You chose ${name}`, of: step.title };
    case "accepted":
      return { what: `You kept ${name}`, of: step.title };
    case "rejected":
      return { what: `You took ${name} away`, of: step.title };
    case "category_added":
      return { what: `New category ${step.name}`, of: "" };
    case "category_renamed":
      return { what: `Renamed to ${step.name}`, of: "" };
    case "category_recoloured":
      return { what: `Coloured ${name}`, of: "" };
    case "category_merged":
      return { what: `Merged ${name} into ${nameOf(step.targetId)}`, of: "" };
    case "category_removed":
      return { what: `Removed ${name}`, of: "" };
    default:
      return { what: step.kind, of: step.title };
  }
}
