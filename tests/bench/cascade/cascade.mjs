#!/usr/bin/env node
// Types titles letter by letter into a field session and counts what the user sees of the selection:
//
//   node tests/bench/cascade/cascade.mjs --data FILE.jsonl [--json]
//
// "changes": one shown category gives way to another; "flips": a selection appears, goes or changes;
// both as a mean per title. Once without pauses (the full tier speaks at the end alone) and once
// with every letter refined (the most that can change), with the margin and without. Needs web/dist.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { SmartSynch } from "../../../web/dist/node.js";

const RUNS = [
  { typing: "without pauses", options: { eager: false, pauseMs: 1 }, refinesAll: false },
  { typing: "every letter refined", options: { pauseMs: 0 }, refinesAll: true },
];

const { values: args } = parseArgs({
  options: { data: { type: "string" }, json: { type: "boolean", default: false } },
});
if (args.data === undefined) {
  console.error("usage: node tests/bench/cascade/cascade.mjs --data FILE.jsonl [--json]");
  process.exit(2);
}
const rows = readFileSync(args.data, "utf8")
  .split("\n")
  .filter((line) => line.trim() !== "")
  .map((line) => JSON.parse(line));

/** Ids of what is selected after every answer (null: nothing), for a title typed to its end. */
async function shownWhileTyping(synch, title, { options, refinesAll }, margin) {
  const field = synch.openField({ ...options, ...margin });
  const answers = field[Symbol.asyncIterator]();
  const shown = [];
  const letters = [...title];
  for (let length = 1; length <= letters.length; length += 1) {
    field.update({ title: letters.slice(0, length).join("") });
    const count = refinesAll || length === letters.length ? 2 : 1;
    for (let i = 0; i < count; i += 1) shown.push((await answers.next()).value.categoryId);
  }
  field.close();
  return shown;
}

function count(shown) {
  const selected = shown.filter((id) => id !== null);
  const changesIn = (ids) => ids.filter((id, i) => i > 0 && id !== ids[i - 1]).length;
  return { changes: changesIn(selected), flips: changesIn([null, ...shown]) };
}

async function measure(synch, run, margin) {
  const names = new Map(synch.categories().map(({ id, name }) => [id, name]));
  const sum = { changes: 0, flips: 0, selected: 0, right: 0 };
  for (const { title, label } of rows) {
    const shown = await shownWhileTyping(synch, title, run, margin);
    const { changes, flips } = count(shown);
    sum.changes += changes;
    sum.flips += flips;
    const last = shown.at(-1) ?? null;
    if (last !== null) sum.selected += 1;
    if (last !== null && names.get(last) === label) sum.right += 1;
  }
  return {
    typing: run.typing,
    margin: margin.margin === false ? "none" : "default",
    changes: sum.changes / rows.length,
    flips: sum.flips / rows.length,
    selectedAtEnd: sum.selected / rows.length,
    precisionAtEnd: sum.selected === 0 ? null : sum.right / sum.selected,
  };
}

const synch = await SmartSynch.create();
const { status } = await synch.ready();
if (status !== "ready") throw new Error(`the full tier is ${status}`);
const results = [];
for (const run of RUNS) {
  for (const margin of [{ margin: false }, {}]) results.push(await measure(synch, run, margin));
}
synch.dispose();
if (args.json) console.log(JSON.stringify({ titles: rows.length, results }));
else console.table(results);
