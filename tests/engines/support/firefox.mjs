// Firefox, driven over WebDriver BiDi.
import { existsSync } from "node:fs";

const CANDIDATES = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];

export const firefox = {
  name: "Firefox",
  /** Why it cannot be started here, or false. */
  missing() {
    if (!CANDIDATES.some(existsSync)) {
      return "Firefox is missing: tools/setup/engines.sh installs it";
    }
    if (existsSync(new URL("../node_modules/puppeteer-core", import.meta.url))) return false;
    return "puppeteer-core is missing: tools/setup/pinned_npm.sh tests/engines installs it";
  },
  async launch() {
    const { default: puppeteer } = await import("puppeteer-core");
    const executablePath = CANDIDATES.find(existsSync);
    // A run of a thousand predictions is one call.
    const options = {
      browser: "firefox",
      executablePath,
      headless: true,
      protocolTimeout: 600_000,
    };
    const browser = await puppeteer.launch(options);
    return {
      version: await browser.version(),
      /** A page of its own, with nothing kept from earlier ones. */
      async open() {
        const context = await browser.createBrowserContext();
        return new FirefoxPage(context, await context.newPage());
      },
      close: () => browser.close(),
    };
  },
};

class FirefoxPage {
  #context;
  #page;

  constructor(context, page) {
    this.#context = context;
    this.#page = page;
  }

  async goto(url) {
    await this.#page.goto(url);
  }

  evaluate(body, ...args) {
    return this.#page.evaluate(body, ...args);
  }

  async type(text) {
    await this.#page.keyboard.type(text, { delay: 10 });
  }

  /** `key` as in KeyboardEvent: "Tab", "ArrowDown", "Enter". */
  async press(key) {
    await this.#page.keyboard.press(key);
  }

  async close() {
    await this.#context.close();
  }
}
