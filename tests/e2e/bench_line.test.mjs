// The bench's throttled line between browser and server: what passes, how fast at most, how late.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { openLine } from "../bench/browser/throttle.mjs";

const BODY = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 7) % 251));

async function serve() {
  const server = createServer((request, response) => response.end(BODY));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Fetches the body over `count` connections at once; answers the bodies and the milliseconds. */
async function fetchAll(options, count) {
  const server = await serve();
  const line = await openLine(server.address().port, options);
  const start = performance.now();
  const bodies = await Promise.all(
    Array.from({ length: count }, async () => {
      const response = await fetch(line.origin, { headers: { Connection: "close" } });
      return Buffer.from(await response.arrayBuffer());
    }),
  );
  const duration = performance.now() - start;
  const { bytes } = line;
  await line.close();
  server.close();
  return { bodies, duration, bytes };
}

test("an unthrottled line passes everything on and counts it", async () => {
  const { bodies, bytes } = await fetchAll({}, 3);
  for (const body of bodies) assert.ok(body.equals(BODY));
  assert.ok(bytes > 3 * BODY.length && bytes < 3 * BODY.length + 3000, `${bytes} bytes`);
});

test("connections share one rate", async () => {
  const bitsPerSecond = 4e6;
  const { bodies, duration, bytes } = await fetchAll({ bitsPerSecond }, 4);
  for (const body of bodies) assert.ok(body.equals(BODY));
  const least = ((bytes * 8) / bitsPerSecond) * 1000;
  // A few milliseconds of the first tick may come for free.
  assert.ok(duration > 0.95 * least, `${duration} ms for ${bytes} bytes, expected ${least} ms`);
});

test("every request is late by the latency", async () => {
  const { bodies, duration } = await fetchAll({ latencyMs: 100 }, 2);
  assert.ok(bodies[1].equals(BODY));
  assert.ok(duration > 99, `${duration} ms`);
});
