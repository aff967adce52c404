// Contents of the demo for tests of how it looks with much in it, as a file that it imports.

const DAY_MS = 86_400_000;
const START_MS = 1_764_000_000_000;
const OWN_CATEGORIES = [
  ...["Garden", "Kitchen", "Travel", "Taxes", "Insurance", "Music", "School run", "Car", "Bicycle"],
  ...["Photos", "Letters", "Presents", "Birthdays", "Reading list", "Repairs", "Pets", "Health"],
  ...["Sports", "Allotment", "Choir", "Neighbours", "Attic", "Cellar", "Recipes"],
  "A category whose name is as long as names can be, all of it",
];
const BUILT_IN = ["development", "design", "research", "meeting", "planning"];

/** A file with `tasks` tasks in turn in all categories, of which `categories` (at most 25) are own ones. */
export function demoFile({
  tasks = 0,
  categories = 0,
  corrections = 0,
  title = "Task number",
} = {}) {
  const own = OWN_CATEGORIES.slice(-categories || OWN_CATEGORIES.length).slice(0, categories);
  const ids = [...BUILT_IN, ...own.map((name) => idOf(name))];
  const events = own.map((name) => ({ kind: "category_added", category_id: idOf(name), name }));
  for (let i = 0; i < corrections; i += 1) {
    const about = { task_id: `t${i}`, title: `${title} ${i}`, category_id: ids[i % ids.length] };
    events.push({ kind: "changed", model_version: "0123456789abcdef", ...about });
  }
  const numbered = events.map(({ kind, ...event }, i) => {
    return { sequence: i + 1, kind, time_ms: START_MS + i, ...event };
  });
  const file = {
    format: "smartsynch-tasks",
    version: 1,
    tasks: Array.from({ length: tasks }, (_, i) => ({
      id: `t${i}`,
      title: `${title} ${i}`,
      description: i % 3 === 0 ? "With a few words about it that may go on beyond the line." : "",
      categoryId: ids[i % ids.length],
      chosenBy: i < corrections ? "manual" : "auto",
      done: i % 10 === 9,
      createdMs: START_MS + i * DAY_MS,
    })),
    learnt: { format: "smartsynch-user-data", version: 1, events: numbered },
  };
  return {
    name: "smartsynch.json",
    mimeType: "application/json",
    buffer: Buffer.from(JSON.stringify(file)),
  };
}

const idOf = (name) => name.toLowerCase().replaceAll(/\W+/g, "-");
