/** Asks the page until `condition` (a function, run there) gives something true, which is returned. */
export async function waitFor(page, condition, ...args) {
  for (let i = 0; i < 600; i += 1) {
    const value = await page.evaluate(condition, ...args);
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const seen = await page.evaluate(() => document.body?.innerText.slice(0, 500));
  throw new Error(`never true: ${condition}; the page says: ${seen}`);
}
