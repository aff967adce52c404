// A line between browser and server: TCP connections passed on with a rate that all of them share and
// a delay for what the client sends. It lies below HTTP and outside the browser, so workers feel it,
// too, and it counts the bytes that really went over it.
import { once } from "node:events";
import { connect, createServer } from "node:net";

/** How often the line hands out what has become due. */
const TICK_MS = 4;

/** About an Ethernet frame: connections take turns by this much. */
const TURN_BYTES = 1460;

/** What may lie waiting for one connection before its server is asked to pause. */
const MOST_WAITING_BYTES = 1 << 18;

/** A rate shared by many connections, which take turns. */
class SharedRate {
  #bytesPerMs;
  #waiting = new Set();
  #timer = null;
  #last = 0;
  #allowance = 0;

  constructor(bitsPerSecond) {
    this.#bytesPerMs = bitsPerSecond / 8000;
  }

  /** `lane`: { chunks: Buffer[], deliver(bytes) }. Call again whenever it has got chunks. */
  wake(lane) {
    if (this.#bytesPerMs === Infinity) {
      for (const chunk of lane.chunks.splice(0)) lane.deliver(chunk);
      return;
    }
    this.#waiting.add(lane);
    if (this.#timer !== null) return;
    this.#last = performance.now();
    this.#timer = globalThis.setInterval(() => this.#handOut(), TICK_MS);
  }

  drop(lane) {
    this.#waiting.delete(lane);
  }

  #handOut() {
    const now = performance.now();
    this.#allowance += (now - this.#last) * this.#bytesPerMs;
    this.#last = now;
    while (this.#allowance > 0 && this.#waiting.size > 0) {
      const [lane] = this.#waiting;
      this.#waiting.delete(lane);
      const chunk = lane.chunks.shift();
      if (chunk.length > TURN_BYTES) lane.chunks.unshift(chunk.subarray(TURN_BYTES));
      const turn = chunk.subarray(0, TURN_BYTES);
      this.#allowance -= turn.length;
      lane.deliver(turn);
      // To the end of the row.
      if (lane.chunks.length > 0) this.#waiting.add(lane);
    }
    if (this.#waiting.size > 0) return;
    globalThis.clearInterval(this.#timer);
    this.#timer = null;
    // A debt stays, but an idle line saves nothing up.
    this.#allowance = Math.min(this.#allowance, 0);
  }
}

/**
 * Opens a line to `port` on this machine. `bitsPerSecond` is for answers, all connections together;
 * `latencyMs` passes before the server gets what the client sends.
 */
export async function openLine(port, { bitsPerSecond = Infinity, latencyMs = 0 } = {}) {
  const rate = new SharedRate(bitsPerSecond);
  const sockets = new Set();
  let bytes = 0;
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    let ended = false;
    let waiting = 0;
    const lane = {
      chunks: [],
      deliver(chunk) {
        waiting -= chunk.length;
        bytes += chunk.length;
        client.write(chunk);
        if (waiting < MOST_WAITING_BYTES / 2) upstream.resume();
        if (ended && lane.chunks.length === 0) client.end();
      },
    };
    const drop = () => {
      rate.drop(lane);
      for (const socket of [client, upstream]) {
        sockets.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", drop);
    }
    client.on("data", (chunk) => setTimeout(() => upstream.write(chunk), latencyMs));
    client.on("close", drop);
    upstream.on("data", (chunk) => {
      lane.chunks.push(chunk);
      waiting += chunk.length;
      if (waiting > MOST_WAITING_BYTES) upstream.pause();
      rate.wake(lane);
    });
    upstream.on("end", () => {
      ended = true;
      if (lane.chunks.length === 0) client.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    /** Bytes that browsers were sent so far, headers included. */
    get bytes() {
      return bytes;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
