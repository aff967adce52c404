// The measurements, each in a browser of its own.
import { readFileSync } from "node:fs";

import { launchBrowser } from "../../e2e/support/browser.mjs";
import { median, summary } from "./statistics.mjs";
import { openLine } from "./throttle.mjs";
import { wordsOf } from "./texts.mjs";
import { openUnobserved } from "./unobserved_page.mjs";

const THROTTLE = { bitsPerSecond: 10e6, latencyMs: 40 };
export const TOKEN_COUNTS = [5, 12, 32];
const TEXTS_PER_COUNT = 60;
const DESCRIBED = 200;
const PATIENCE_MS = 120_000;

/** What was collected goes back to the system by and by. */
const SETTLE_MS = 5000;

async function withPage(run) {
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const failure = new Promise((_, reject) => page.on("pageerror", reject));
    return await Promise.race([run(page, browser), failure]);
  } finally {
    await browser.close();
  }
}

/** First visit: times from navigation in milliseconds, bytes over the line, long tasks. */
export async function measureStart(port, page, { throttled }) {
  const line = await openLine(port, throttled ? THROTTLE : {});
  try {
    return await withPage(async (tab) => {
      await tab.goto(`${line.origin}/pages/${page}.html`);
      await tab.waitForFunction(() => window.bench !== undefined);
      const found = await tab.evaluate(() => {
        const { first, full, longTasks } = window.bench;
        const durations = longTasks().map((task) => task.duration);
        return { first, full, longTasks: durations.length, longest: Math.max(0, ...durations) };
      });
      return { ...found, bytes: line.bytes };
    });
  } finally {
    await line.close();
  }
}

/** The demo page over the throttled line, then once more after the server has gone. */
export async function measureDemo(port) {
  const line = await openLine(port, THROTTLE);
  try {
    return await withPage(async (tab) => {
      // As if the title had been typed before anything was there to answer it.
      await tab.addInitScript(() => {
        window.answered = {};
        document.addEventListener("DOMContentLoaded", () => {
          const field = document.getElementById("title");
          const timing = document.getElementById("timing");
          const timer = globalThis.setInterval(() => {
            if (field.value === "" && !field.disabled) field.value = "Fix login authentication bug";
            field.dispatchEvent(new Event("input"));
          }, 20);
          new MutationObserver(() => {
            const { tier } = timing.dataset;
            if (timing.textContent === "" || tier === undefined) return;
            globalThis.clearInterval(timer);
            window.answered[tier] ??= performance.now();
          }).observe(timing, { childList: true, characterData: true, subtree: true });
        });
      });
      const visit = async () => {
        await tab.waitForFunction(() => window.answered?.full !== undefined);
        return tab.evaluate(() => ({ first: window.answered.instant, full: window.answered.full }));
      };
      await tab.goto(`${line.origin}/demo/`);
      const visitOne = await visit();
      await tab.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await tab.waitForTimeout(2000);
      const before = line.bytes;
      await line.close();
      await tab.reload();
      const visitTwo = await visit();
      return { first: visitOne, second: visitTwo, secondBytes: line.bytes - before };
    });
  } finally {
    await line.close().catch(() => undefined);
  }
}

/** Median and p95 of single calls in milliseconds. */
export async function measureKeystrokes(origin, states) {
  return withPage(async (tab) => {
    await tab.goto(`${origin}/pages/blank.html`);
    const isolated = await tab.evaluate(() => window.crossOriginIsolated);
    if (!isolated) throw new Error("the page is not cross-origin isolated");
    const call = (name, argument) =>
      tab.evaluate(
        async ([run, given]) => (await import("/pages/keystrokes.mjs"))[run](given),
        [name, argument],
      );
    const titles = states.map((title) => ({ title }));
    const long = states
      .slice(0, DESCRIBED)
      .map((title, seed) => ({ title, description: wordsOf(200, seed) }));
    return {
      instant: summary(await call("timeInstant", titles)),
      described: summary(await call("timeInstant", long)),
      full: summary(await call("timeFull", titles)),
      message: summary(await call("timeMessages", 200)),
    };
  });
}

export async function measurePeerKeystrokes(origin, states) {
  return withPage(async (tab) => {
    await tab.goto(`${origin}/pages/peer.html`);
    await tab.waitForFunction(() => window.bench !== undefined);
    const times = await tab.evaluate(async (texts) => {
      const found = [];
      for (let i = 0; i < 30; i += 1) await window.bench.embed(texts[i % texts.length]);
      for (const text of texts) {
        const start = performance.now();
        await window.bench.embed(text);
        found.push(performance.now() - start);
      }
      return found;
    }, states);
    return summary(times);
  });
}

/**
 * By token count: the full tier in its worker, the same graph bare, and the peer's graph bare, in
 * milliseconds, and the median of the ratios of neighbouring runs, which a busy machine disturbs less.
 */
export async function measureEncoder(origin) {
  return withPage(async (tab) => {
    await tab.goto(`${origin}/pages/peer.html`);
    await tab.waitForFunction(() => window.bench !== undefined);
    const pool = Array.from({ length: 4000 }, (_, i) => wordsOf(2 + (i % 36), i));
    const ids = await tab.evaluate(
      (texts) =>
        texts.map((text) =>
          [...window.bench.tokenizer(text).input_ids.data].map((id) => Number(id)),
        ),
      pool,
    );
    await tab.goto(`${origin}/pages/blank.html`);
    const results = {};
    for (const tokens of TOKEN_COUNTS) {
      const texts = new Map();
      pool.forEach((title, i) => {
        if (ids[i].length === tokens) texts.set(title, { title, ids: ids[i] });
      });
      const chosen = [...texts.values()].slice(0, TEXTS_PER_COUNT);
      if (chosen.length < 30) throw new Error(`${chosen.length} texts of ${tokens} tokens`);
      const times = await tab.evaluate(
        (given) =>
          new Promise((resolve, reject) => {
            const worker = new globalThis.Worker("/pages/encoder_worker.mjs", { type: "module" });
            worker.onerror = (event) => reject(new Error(`worker: ${event.message}`));
            worker.onmessage = ({ data }) => {
              if (data.kind === "started") worker.postMessage({ kind: "measure", texts: given });
              if (data.kind === "times") resolve(data.times);
              if (data.kind === "failed") reject(new Error(data.message));
            };
          }),
        chosen,
      );
      const ratio = (peer) => median(times.full.map((ms, i) => ms / times[peer][i]));
      results[tokens] = {
        ...Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)])),
        ratioToBare: ratio("bare"),
        ratioToInt8: ratio("int8"),
      };
    }
    return results;
  });
}

/** Memory with everything loaded and used, in MB (10^6 bytes). */
export async function measureMemory(origin, side, titles) {
  const browser = await launchBrowser();
  try {
    const path = `/pages/${side === "peer" ? "peer" : "blank"}.html`;
    const { root, send, evaluate, collectGarbage } = await openUnobserved(browser, origin + path);
    const load = side === "peer" ? "loadPeer" : "loadSmartSynch";
    const call = `import("/pages/memory.mjs").then((m) => m.${load}(${JSON.stringify(titles)}))`;
    const inPage = side === "none" ? {} : await evaluate(call);
    // The peer works in the page itself, SmartSynch's full tier in a worker: both without garbage.
    await collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const { usedSize } = await send("Runtime.getHeapUsage");
    return { ...inPage, heap: usedSize, ...(await rendererMemory(root)) };
  } finally {
    await browser.close();
  }
}

/** Of the largest renderer process: what it holds now, at most so far, and without mapped files. */
async function rendererMemory(session) {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const found = processInfo
    .filter(({ type }) => type === "renderer")
    .map(({ id }) => {
      const status = readFileSync(`/proc/${id}/status`, "utf8");
      const bytes = (name) =>
        Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)[1]) * 1024;
      return { rss: bytes("VmRSS"), peak: bytes("VmHWM"), anonymous: bytes("RssAnon") };
    });
  return found.sort((a, b) => b.rss - a.rss)[0];
}
