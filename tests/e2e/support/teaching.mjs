// Titles to teach, made of words, and a page that has been taught them with the real model.

const VERBS = [
  ...["Water", "Trim", "Plant", "Sweep", "Paint", "Repair", "Clean", "Move", "Measure", "Order"],
  ...["Sort", "Fold", "Pack", "Label", "Polish", "Sharpen", "Oil", "Hang", "Wrap", "Weigh"],
];
const THINGS = [
  ...["the roses", "the fence", "the shelves", "the old lamp", "the garden chairs"],
  ...["the blue curtains", "the bicycle", "the tool box", "the apple tree", "the letter box"],
];

/** `count` titles, at most 200, each in one of `categories` by its verb. */
export function titlesToTeach(count, categories) {
  return Array.from({ length: count }, (_, i) => {
    const verb = i % VERBS.length;
    const title = `${VERBS[verb]} ${THINGS[Math.floor(i / VERBS.length) % THINGS.length]}`;
    return { title, category: categories[verb % categories.length] };
  });
}

/**
 * A page of the site without an application, with a loaded instance as `window.synch` that was taught
 * `tasks`. Notices are kept in `window.notices`, long tasks in `window.longTasks`.
 */
export async function openTaught(context, origin, { options = {}, tasks }) {
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      window.longTasks.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: "longtask" });
  });
  await page.goto(`${origin}/demo/icon.svg`);
  await page.evaluate(
    async ([chosen, given]) => {
      const { SmartSynch } = await import("/index.js");
      window.notices = [];
      const onNotice = (notice) => window.notices.push(notice);
      window.synch = await SmartSynch.create({ ...chosen, onNotice });
      await window.synch.ready();
      for (const name of new Set(given.map(({ category }) => category))) {
        await window.synch.addCategory({ name });
      }
      for (const task of given) await window.synch.feedback(task);
    },
    [options, tasks],
  );
  return page;
}
