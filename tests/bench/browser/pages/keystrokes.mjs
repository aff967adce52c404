// Times single calls over distinct texts. Needs a clock with fine steps: a cross-origin isolated page.
import { SmartSynch } from "/smartsynch/index.js";

const WARM_UP = 300;

export async function timeInstant(tasks) {
  const synch = await SmartSynch.create({ fullTier: "never", storage: false });
  for (let i = 0; i < WARM_UP; i += 1) synch.predictInstant(tasks[i % tasks.length]);
  const times = tasks.map((task) => {
    const start = performance.now();
    synch.predictInstant(task);
    return performance.now() - start;
  });
  synch.dispose();
  return times;
}

/** Through the worker, messages included. */
export async function timeFull(tasks) {
  const synch = await SmartSynch.create({ storage: false, cacheBytes: 0 });
  await synch.ready();
  const times = [];
  for (let i = 0; i < WARM_UP / 10; i += 1) await synch.predict(tasks[i % tasks.length]);
  for (const task of tasks) {
    const start = performance.now();
    await synch.predict(task);
    times.push(performance.now() - start);
  }
  synch.dispose();
  return times;
}

/** To the worker and back, with hardly any work between. */
export async function timeMessages(count) {
  const synch = await SmartSynch.create({ storage: false });
  await synch.ready();
  const times = [];
  for (let i = 0; i < count; i += 1) {
    const start = performance.now();
    await synch.cacheStatistics();
    times.push(performance.now() - start);
  }
  synch.dispose();
  return times;
}
