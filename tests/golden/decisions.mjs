// The golden decisions (decisions.py makes them) for JavaScript hosts: reading, asking, comparing.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const DATA = [
  "data/training_data.json",
  "data/open_set/private_life.json",
  "data/open_set/office_and_organisations.json",
];
const AGAIN = "run tests/golden/decisions.py";

/** One more than the last digit that the file holds: what is rounded twice may differ by one. */
const ROUNDING = 1.5e-6;
/** The encoder's sums are not in the same order on every processor, so its numbers are not equal. */
const ENCODER = 1e-4;

/** `{model, tasks: [{id, title, description, instant, full}]}`, tiers as in the file. */
export function readGolden() {
  const titles = new Map();
  for (const path of DATA) {
    for (const { title, description } of JSON.parse(readFileSync(root + path, "utf8")).samples) {
      const hash = createHash("sha256").update(`${title}\n${description}`).digest("hex");
      titles.set(hash.slice(0, 12), { title, description });
    }
  }
  const text = readFileSync(new URL("decisions.jsonl", import.meta.url), "utf8");
  const [{ model }, ...rows] = text.trimEnd().split("\n").map(JSON.parse);
  const tasks = rows.map((row) => {
    const task = titles.get(row.id);
    if (task === undefined) throw new Error(`data/ has no task ${row.id} any more: ${AGAIN}`);
    return { ...row, ...task };
  });
  return { model, tasks };
}

/** The command line tool. */
export const PROGRAM =
  process.env.SMARTSYNCH_CLI ?? `${root}build/native-release/tools/cli/smartsynch`;
const REAL = ["tasks_real_dev.jsonl", "tasks_real_dev2.jsonl"];

/** Why `realTasks()` and `readReal()` have nothing to read, or false. */
export function realMissing() {
  if (!existsSync(PROGRAM)) return `${PROGRAM} is missing: build the native release`;
  const folder = process.env.SMARTSYNCH_EXTRA_DATA;
  if (folder !== undefined && REAL.every((name) => existsSync(join(folder, name)))) return false;
  return `SMARTSYNCH_EXTRA_DATA names no folder with ${REAL.join(" and ")}`;
}

/** `{title, description}` of tasks that others wrote. */
export function realTasks() {
  const read = (name) =>
    readFileSync(join(process.env.SMARTSYNCH_EXTRA_DATA, name), "utf8").trimEnd().split("\n");
  return REAL.flatMap(read).map((line) => {
    const { title, description } = JSON.parse(line);
    return { title, description };
  });
}

/** As `readGolden()`, of the real tasks; what the command line tool here decides is expected. */
export function readReal() {
  const asked = realTasks();
  const input = asked.map((task) => `${JSON.stringify(task)}\n`).join("");
  const [instant, full] = ["instant", "full"].map((tier) => {
    const args = ["predict", "--data", "-", "--json", "--tier", tier];
    const env = { ...process.env, SMARTSYNCH_HOME: root };
    const output = execFileSync(PROGRAM, args, { input, encoding: "utf8", env });
    return output.trimEnd().split("\n").map(JSON.parse);
  });
  const digest = ({ decision, suggestions, confidence, novelty }) => [
    decision,
    suggestions[0]?.categoryId ?? null,
    confidence,
    novelty,
  ];
  const tasks = asked.map((task, i) => {
    return { ...task, instant: digest(instant[i]), full: digest(full[i]) };
  });
  return { model: full[0].modelVersion, tasks };
}

/**
 * Asks both tiers of a SmartSynch for every task, one after the other:
 * `{model, answers: [{instant, full}]}` in the file's form. Refers to nothing outside, so that it can
 * be sent into a page.
 */
export async function askAll(synch, tasks) {
  const digest = ({ decision, suggestions, confidence, novelty, tier }, wanted) => {
    if (tier !== wanted) throw new Error(`the ${tier} tier answered, expected the ${wanted} one`);
    return [decision, suggestions[0]?.categoryId ?? null, confidence, novelty];
  };
  const answers = [];
  for (const { title, description } of tasks) {
    const task = { title, description };
    answers.push({
      instant: digest(synch.predictInstant(task), "instant"),
      full: digest(await synch.predict(task), "full"),
    });
  }
  return { model: synch.modelVersion, answers };
}

/** What differs, a line each; empty when every decision is the golden one. */
export function differences(golden, { model, answers }) {
  if (model !== golden.model) {
    return [`the golden decisions are of model ${golden.model}, this is ${model}: ${AGAIN}`];
  }
  const found = [];
  golden.tasks.forEach((task, i) => {
    for (const [tier, tolerance] of Object.entries({ instant: ROUNDING, full: ENCODER })) {
      const [decision, best, ...numbers] = answers[i][tier];
      const near = numbers.every((n, j) => Math.abs(n - task[tier][j + 2]) <= tolerance);
      if (decision === task[tier][0] && best === task[tier][1] && near) continue;
      found.push(`${task.title}: ${tier} ${answers[i][tier]}, expected ${task[tier]}`);
    }
  });
  if (answers.length !== golden.tasks.length) {
    found.push(`${answers.length} answers, expected ${golden.tasks.length}`);
  }
  return found;
}
