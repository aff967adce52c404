// Notes the tasks of the main thread that the Long Tasks specification calls long (over 50 ms).
const tasks = [];
new globalThis.PerformanceObserver((list) => {
  for (const { startTime, duration } of list.getEntries()) tasks.push({ startTime, duration });
}).observe({ type: "longtask", buffered: true });

export function longTasks() {
  return tasks;
}
