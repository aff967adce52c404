// From the measurements of several repeats to the rows of the result (see ../readme_table.py).
import { TOKEN_COUNTS } from "./measure.mjs";
import { median } from "./statistics.mjs";

const MB = 1e6;
const SECOND = 1000;

/**
 * One row: `ours` and `peer` map one repeat's measurements to a number (null: the peer has none), the
 * ratio is the median of the repeats' ratios unless `ratio` says otherwise.
 */
function row(runs, { what, unit, ours, peer = null, ratio = null, goal = "", ...more }) {
  const of = (pick) => {
    const values = pick === null ? [] : runs.map(pick).filter((value) => value !== null);
    return values.length === 0 ? null : median(values);
  };
  const share = ratio ?? (peer === null ? null : (run) => ours(run) / peer(run));
  const rounded = (value) => (value === null ? null : Number(value.toPrecision(3)));
  return {
    ...{ what, ours: rounded(of(ours)), peer: rounded(of(peer)), unit },
    ...{ ratio: rounded(of(share)), goal, ...more },
  };
}

export function makeRows(runs) {
  const rows = [];
  const add = (description) => rows.push(row(runs, description));
  const both = (pick) => ({ ours: (r) => pick(r.ours), peer: (r) => pick(r.peer) });

  add({ what: "bytes until everything is loaded", unit: "MB", ...both((s) => s.start.bytes / MB) });
  add({
    what: "first answer, no throttle",
    unit: "s",
    ...both((s) => s.start.first / SECOND),
  });
  add({
    what: "full tier answers, no throttle",
    unit: "s",
    ...both((s) => s.start.full / SECOND),
  });
  add({
    what: "first answer, 10 Mbit/s and 40 ms",
    unit: "s",
    ...both((s) => s.throttled.first / SECOND),
    goal: "at most 2.5 s",
  });
  add({
    what: "full tier answers, 10 Mbit/s and 40 ms",
    unit: "s",
    ...both((s) => s.throttled.full / SECOND),
    goal: "at most 16 s",
  });
  add({
    what: "demo page: first answer, 10 Mbit/s and 40 ms",
    unit: "s",
    ours: (r) => r.ours.demo.first.first / SECOND,
    goal: "at most 2.5 s",
  });
  add({
    what: "demo page: full tier answers, second visit without network",
    unit: "s",
    ours: (r) => r.ours.demo.second.full / SECOND,
    goal: "works",
  });
  for (const [name, at] of [
    ["median", (s) => s.median],
    ["p95", (s) => s.p95],
  ]) {
    add({
      what: `a keystroke, instant tier, ${name}`,
      unit: "ms",
      ours: (r) => at(r.ours.keys.instant),
      peer: (r) => at(r.peer.keys),
      goal: name === "p95" ? "at most 0.1 ms" : "",
    });
  }
  add({
    what: "the same with a description of 200 words, p95",
    unit: "ms",
    ours: (r) => r.ours.keys.described.p95,
    goal: "at most 0.5 ms",
  });
  for (const name of ["median", "p95"]) {
    add({
      what: `a keystroke, full tier through its worker, ${name}`,
      unit: "ms",
      ours: (r) => r.ours.keys.full[name],
      peer: (r) => r.peer.keys[name],
    });
  }
  add({
    what: "of it, a message to the worker and back, median",
    unit: "ms",
    ours: (r) => r.ours.keys.message.median,
  });
  for (const tokens of TOKEN_COUNTS) {
    add({
      what: `full tier in its worker, ${tokens} tokens; peer: a bare run of the same graph`,
      unit: "ms",
      ours: (r) => r.encoder[tokens].full,
      peer: (r) => r.encoder[tokens].bare,
      ratio: (r) => r.encoder[tokens].ratioToBare,
      goal: "ratio at most 1.05",
    });
  }
  for (const tokens of TOKEN_COUNTS) {
    add({
      what: `full tier in its worker, ${tokens} tokens; peer: a bare run of the original in int8`,
      unit: "ms",
      ours: (r) => r.encoder[tokens].full,
      peer: (r) => r.encoder[tokens].int8,
      ratio: (r) => r.encoder[tokens].ratioToInt8,
      goal: "ratio at most 1.0",
    });
  }
  add({
    what: "renderer process, resident, above an empty page",
    unit: "MB",
    ours: (r) => (r.ours.memory.rss - r.empty.rss) / MB,
    peer: (r) => (r.peer.memory.rss - r.empty.rss) / MB,
    goal: "at most 150 MB",
  });
  add({
    what: "the same at its peak",
    unit: "MB",
    ours: (r) => (r.ours.memory.peak - r.empty.rss) / MB,
    peer: (r) => (r.peer.memory.peak - r.empty.rss) / MB,
  });
  add({
    what: "an empty page, resident",
    unit: "MB",
    ours: (r) => r.empty.rss / MB,
  });
  add({
    what: "WebAssembly memory of ONNX Runtime",
    unit: "MB",
    ours: (r) => r.ours.memory.worker.wasm[0] / MB,
    peer: (r) => r.peer.memory.wasm[0] / MB,
  });
  add({
    what: "WebAssembly memory of the core, in page and worker together",
    unit: "MB",
    ours: (r) => (r.ours.memory.core[0] + r.ours.memory.worker.wasm[1]) / MB,
  });
  add({ what: "JavaScript heap of the page", unit: "MB", ...both((s) => s.memory.heap / MB) });
  add({
    what: "longest task of the main thread over 50 ms while loading, 0: none",
    unit: "ms",
    ...both((s) => s.start.longest),
    ratio: () => null,
    goal: "none",
  });
  return rows;
}
