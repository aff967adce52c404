// Titles to teach, made of words, and a page that has been taught them with the real model.
import { openLoaded } from "./loaded_page.mjs";

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
 * A loaded page (loaded_page.mjs) that was taught `tasks`; long tasks are kept in `window.longTasks`.
 */
export async function openTaught(context, origin, { options = {}, tasks }) {
  const initScript = () => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      window.longTasks.push(...list.getEntries().map(({ duration }) => duration));
    }).observe({ type: "longtask" });
  };
  const page = await openLoaded(context, origin, { options, initScript });
  await page.evaluate(async (given) => {
    for (const name of new Set(given.map(({ category }) => category))) {
      await window.synch.addCategory({ name });
    }
    for (const task of given) await window.synch.feedback(task);
  }, tasks);
  return page;
}
