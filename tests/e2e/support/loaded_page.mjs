// A page of the site without an application, with a loaded instance.

/**
 * Opens it; the instance, made with `options`, is `window.synch`, and its notices are kept in
 * `window.notices`. `initScript` runs before all else.
 */
export async function openLoaded(context, origin, { options = {}, initScript } = {}) {
  const page = await context.newPage();
  if (initScript) await page.addInitScript(initScript);
  await page.goto(`${origin}/demo/icon.svg`);
  await page.evaluate(async (chosen) => {
    const { SmartSynch } = await import("/index.js");
    window.notices = [];
    const onNotice = (notice) => window.notices.push(notice);
    window.synch = await SmartSynch.create({ ...chosen, onNotice });
    await window.synch.ready();
  }, options);
  return page;
}
