// The demo in a browser page, with what the tests read off it and an eye on what it must not do.
import { once } from "node:events";

import { createStaticServer } from "../../../web/tools/serve.mjs";
import { dist } from "./browser.mjs";

/** Serves web/dist on a free port. `override(request, response)` returns true for what it answered. */
export async function serveDemo(override = () => false) {
  const server = createStaticServer(dist);
  const [answer] = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    if (!override(request, response)) answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;
  const close = async () => {
    if (!server.listening) return;
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { origin, close };
}

/** In the page, before anything else: nothing can be saved. */
export function denyStorage() {
  Object.defineProperty(window, "indexedDB", {
    value: {
      open: () => {
        throw new DOMException("denied", "SecurityError");
      },
    },
  });
}

export class DemoPage {
  /** Addresses of all requests, from workers too. */
  requests = [];
  /** Violations of the content policy, uncaught errors and error messages of the console. */
  complaints = [];

  static async open(browser, origin, { ready = true, initScript, ...contextOptions } = {}) {
    const demo = new DemoPage();
    demo.origin = origin;
    demo.context = await browser.newContext(contextOptions);
    demo.context.on("request", (request) => demo.requests.push(request.url()));
    demo.context.on("weberror", (error) => demo.complaints.push(String(error.error())));
    demo.page = await demo.context.newPage();
    demo.page.on("console", (message) => {
      if (message.type() === "error") demo.complaints.push(message.text());
    });
    await demo.page.addInitScript(() => {
      window.policyViolations = [];
      document.addEventListener("securitypolicyviolation", (event) => {
        window.policyViolations.push(`${event.violatedDirective}: ${event.blockedURI}`);
      });
    });
    if (initScript) await demo.page.addInitScript(initScript);
    await demo.page.goto(`${origin}/`);
    if (ready) await demo.ready();
    return demo;
  }

  async close() {
    await this.context.close();
  }

  /** Waits until the full tier is there. */
  async ready() {
    await this.page.waitForSelector("#loading[hidden]", {
      state: "attached",
      timeout: 60_000,
    });
  }

  /** Goes to one of the demo's pages: tasks, categories-page, learning-page. */
  async openPage(name) {
    await this.page.click(`.pages a[href="#${name}"]`);
  }

  /** Imports a file (demo_data.mjs). */
  async bring(file) {
    await this.page.setInputFiles("#import-file", file);
    await this.page.click("#confirm-submit");
    await this.page.waitForSelector('#toast:has-text("Imported")');
    await this.page.evaluate(() => (document.getElementById("toast").hidden = true));
  }

  async violations() {
    return this.page.evaluate(() => window.policyViolations);
  }

  /** Types letter by letter, as a keyboard does. */
  async type(text, delay = 20) {
    await this.page.focus("#title");
    await this.page.keyboard.type(text, { delay });
  }

  async clear() {
    await this.page.fill("#title", "");
  }

  /** Waits for the full tier's answer; a letter typed has put the instant tier's there before. */
  async settled() {
    await this.page.waitForSelector('#timing[data-tier="full"]');
    return this.result();
  }

  /** What the page shows. */
  async result() {
    return this.page.evaluate(() => {
      const text = (selector) => [...document.querySelectorAll(selector)].map((e) => e.textContent);
      return {
        state: document.getElementById("result").dataset.state,
        title: document.getElementById("result-title").textContent,
        suggestions: text("#suggestions .name"),
        shares: text("#suggestions .share"),
        checked: text("#categories label:has(input:checked)")[0] ?? null,
        automatic: document.querySelector("#categories label.automatic") !== null,
        timing: document.getElementById("timing").textContent,
        tasks: [...document.querySelectorAll("#task-list li")].map((row) =>
          [".task-title", ".tag-name"]
            .map((part) => row.querySelector(part).textContent)
            .join(": "),
        ),
      };
    });
  }
}
