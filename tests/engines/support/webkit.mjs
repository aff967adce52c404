// WebKitGTK's MiniBrowser, driven over WebDriver (W3C), on a display of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";

const DRIVER = "/usr/bin/WebKitWebDriver";
const XVFB = "/usr/bin/Xvfb";
const KEYS = { Tab: "\uE004", Enter: "\uE007", Escape: "\uE00C", ArrowDown: "\uE015" };

/** Distributions keep it below the folder of their processor. */
function miniBrowser() {
  const folders = readdirSync("/usr/lib").map((name) => `/usr/lib/${name}/webkit2gtk-4.1`);
  return ["/usr/libexec/webkit2gtk-4.1", ...folders]
    .map((folder) => `${folder}/MiniBrowser`)
    .find(existsSync);
}

export const webkit = {
  name: "WebKitGTK",
  missing() {
    if ([DRIVER, XVFB].every(existsSync) && miniBrowser() !== undefined) return false;
    return "WebKitGTK's driver, MiniBrowser or Xvfb is missing: tools/setup/engines.sh installs them";
  },
  async launch() {
    const xvfb = spawn(
      XVFB,
      ["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
      {
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    const [display] = await once(xvfb.stdout, "data");
    const port = await freePort();
    const driver = spawn(DRIVER, [`--port=${port}`], {
      stdio: "ignore",
      env: {
        ...process.env,
        DISPLAY: `:${String(display).trim()}`,
        // Containers allow no sandbox of its own; only our own pages are opened.
        WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
        LIBGL_ALWAYS_SOFTWARE: "1",
      },
    });
    const call = caller(`http://127.0.0.1:${port}`);
    await answering(call);
    const first = await openSession(call);
    const { browserName, browserVersion } = first.capabilities;
    await first.close();
    return {
      version: `${browserName} ${browserVersion}`,
      open: () => openSession(call),
      close: async () => {
        for (const child of [driver, xvfb]) {
          child.kill();
          if (child.exitCode === null) await once(child, "exit");
        }
      },
    };
  },
};

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

function caller(origin) {
  return async (method, path, body) => {
    const response = await fetch(`${origin}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  };
}

async function answering(call) {
  for (let i = 0; ; i += 1) {
    try {
      await call("GET", "/status");
      return;
    } catch (error) {
      if (i === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function openSession(call) {
  const options = { binary: miniBrowser(), args: ["--automation"] };
  const alwaysMatch = { "webkitgtk:browserOptions": options };
  const { sessionId, capabilities } = await call("POST", "/session", {
    capabilities: { alwaysMatch },
  });
  const page = new WebKitPage(call, `/session/${sessionId}`, capabilities);
  await call("POST", `/session/${sessionId}/timeouts`, { script: 600_000, pageLoad: 60_000 });
  return page;
}

class WebKitPage {
  #call;
  #session;
  capabilities;

  constructor(call, session, capabilities) {
    this.#call = call;
    this.#session = session;
    this.capabilities = capabilities;
  }

  async goto(url) {
    await this.#call("POST", `${this.#session}/url`, { url });
  }

  /** `body` is a function that refers to nothing outside, or the source of an expression. */
  async evaluate(body, ...args) {
    const expression = typeof body === "string" ? body : `(${body})(...args)`;
    const script = `const done = arguments[arguments.length - 1];
      const args = arguments[0];
      (async () => ${expression})().then(
        (value) => done(JSON.stringify({ value })),
        (error) => done(JSON.stringify({ error: String(error) })));`;
    const answer = await this.#call("POST", `${this.#session}/execute/async`, {
      script,
      args: [args],
    });
    const { value, error } = JSON.parse(answer);
    if (error !== undefined) throw new Error(error);
    return value;
  }

  async type(text) {
    await this.#keys([...text]);
  }

  async press(key) {
    await this.#keys([KEYS[key]]);
  }

  async #keys(keys) {
    const actions = keys.flatMap((value) => [
      { type: "keyDown", value },
      { type: "keyUp", value },
    ]);
    await this.#call("POST", `${this.#session}/actions`, {
      actions: [{ type: "key", id: "keyboard", actions }],
    });
  }

  async close() {
    await this.#call("DELETE", this.#session);
  }
}
