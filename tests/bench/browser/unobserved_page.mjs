// A page that Playwright does not attach to. In the pages that it opens, the browser records every
// answer from the network for the developer tools, inside the page's own process and as base64: of a
// page that loads 25 MB of files, 34 MB that no user's tab has.

const COLLECT = ["HeapProfiler.enable", "HeapProfiler.collectGarbage"];

/** Opens `url` in a new tab of the browser's own context; `send` speaks the DevTools protocol. */
export async function openUnobserved(browser, url) {
  const root = await browser.newBrowserCDPSession();
  const { targetId } = await root.send("Target.createTarget", { url });
  const { sessionId } = await root.send("Target.attachToTarget", { targetId, flatten: false });
  const waiting = new Map();
  // By the worker's session: resolves when its garbage is collected.
  const collected = new Map();
  let lastId = 0;
  root.on("Target.receivedMessageFromTarget", (event) => {
    if (event.sessionId !== sessionId) return;
    const { id, result, error, method, params } = JSON.parse(event.message);
    if (method === "Target.attachedToTarget") collectIn(params.sessionId);
    if (method === "Target.receivedMessageFromTarget") {
      const { id: step } = JSON.parse(params.message);
      if (step === COLLECT.length - 1) collected.get(params.sessionId).resolve();
    }
    if (!waiting.has(id)) return;
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error.message));
  });
  const send = (method, params = {}) =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      const message = JSON.stringify({ id: lastId, method, params });
      root.send("Target.sendMessageToTarget", { sessionId, message }).catch(reject);
    });
  const collectIn = (worker) => {
    const entry = {};
    entry.done = new Promise((resolve) => {
      entry.resolve = resolve;
    });
    collected.set(worker, entry);
    for (const [id, method] of COLLECT.entries()) {
      const message = JSON.stringify({ id, method });
      void send("Target.sendMessageToTarget", { sessionId: worker, message });
    }
  };
  /** Of the page and of its workers. */
  const collectGarbage = async () => {
    for (const method of COLLECT) await send(method);
    const options = { autoAttach: true, waitForDebuggerOnStart: false, flatten: false };
    await send("Target.setAutoAttach", options);
    await Promise.all([...collected.values()].map(({ done }) => done));
  };
  /** The value of an expression, awaited. */
  const evaluate = async (expression) => {
    const { result, exceptionDetails } = await send("Runtime.evaluate", {
      ...{ expression, awaitPromise: true, returnByValue: true },
    });
    if (exceptionDetails === undefined) return result.value;
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  };
  // Until the document is there, an expression meets the empty one before it, or none at all.
  const { pathname } = new URL(url);
  const isThere = `location.pathname === ${JSON.stringify(pathname)} && document.readyState`;
  while ((await evaluate(isThere).catch(() => null)) !== "complete") {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { root, send, evaluate, collectGarbage };
}
