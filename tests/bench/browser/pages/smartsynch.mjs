// Loads SmartSynch as a page would and notes when each tier first answers.
import { longTasks } from "./long_tasks.mjs";
import { SmartSynch } from "/smartsynch/index.js";

const task = { title: "Fix login authentication bug" };
const synch = await SmartSynch.create();
synch.predictInstant(task);
const first = performance.now();
const { status } = await synch.ready();
if (status !== "ready") throw new Error(`the full tier is ${status}`);
const { tier } = await synch.predict(task);
if (tier !== "full") throw new Error(`the ${tier} tier answered`);
const full = performance.now();
globalThis.bench = { first, full, longTasks };
