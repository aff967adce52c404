// What is typed: the project's own titles, or with SMARTSYNCH_EXTRA_DATA those of its development set
// (which are measured with and never shown).
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const OWN_TITLES = [
  "Fix login authentication bug",
  "Implement user registration API",
  "Create wireframes for mobile app",
  "Design new logo",
  "Research competitor pricing strategies",
  "Investigate machine learning frameworks",
  "Weekly team standup",
  "Client meeting about requirements",
  "Plan sprint roadmap for Q2",
  "Define project milestones",
];

const DEVELOPMENT_SET = "tasks_real_dev.jsonl";

/** Enough letters for a p95, few enough for several repeats. */
const MOST_TITLES = 40;

export function readTitles() {
  const folder = process.env.SMARTSYNCH_EXTRA_DATA;
  const path = join(folder ?? "", DEVELOPMENT_SET);
  if (folder === undefined || !existsSync(path)) return { source: "own", titles: OWN_TITLES };
  const rows = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line).title);
  // Evenly from the whole file, whatever its order.
  const step = Math.max(1, rows.length / MOST_TITLES);
  const titles = [];
  for (let at = 0; at < rows.length; at += step) titles.push(rows[Math.floor(at)]);
  return { source: DEVELOPMENT_SET, titles };
}

/** Every state of the field while the titles are typed, each text once. */
export function typed(titles) {
  const states = titles.flatMap((title) => {
    const letters = [...title];
    return letters.map((_, i) => letters.slice(0, i + 1).join(""));
  });
  return [...new Set(states)].filter((text) => text.trim() !== "");
}

const words = OWN_TITLES.flatMap((title) => title.toLowerCase().split(" "));

/** A text of `count` words, another one for each `seed`. */
export function wordsOf(count, seed) {
  let state = seed + 1;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return words[Math.floor((state / 2 ** 32) * words.length)];
  }).join(" ");
}
