// A real HTTP server that speaks the server's API and can be told to misbehave.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: unknown;
}

/** What the next requests get instead of an answer. */
export type Misbehaviour =
  { status: number; headers?: Record<string, string>; body?: string } | "hang up" | "hang" | "half";

const categories = [
  { id: "development", name: "Development" },
  { id: "design", name: "Design" },
];

function prediction(title: string, tier = "full"): object {
  return {
    decision: "auto",
    category: "Development",
    categoryId: "development",
    confidence: title.length / 100,
    novelty: 0.1,
    suggestions: [{ category: "Development", categoryId: "development", confidence: 0.9 }],
    tier,
    modelVersion: "0123456789abcdef",
    truncated: false,
  };
}

export class FakeServer {
  readonly seen: Seen[] = [];
  readonly next: Misbehaviour[] = [];
  /** Stored feedback by idempotency key. */
  readonly stored = new Map<string, unknown>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response);
    });
  }

  static async start(): Promise<FakeServer> {
    const fake = new FakeServer();
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/api`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const piece of request) text += String(piece);
    const body: unknown = text === "" ? null : JSON.parse(text);
    const url = request.url ?? "";
    this.seen.push({ method: request.method ?? "", url, headers: request.headers, body });
    const wrong = this.next.shift();
    // The request is carried out, only its answer is lost.
    const answer = this.#work(request, url.replace(/^\/api/, ""), body);
    if (wrong === "hang up") request.socket.destroy();
    else if (wrong === "hang") return;
    else if (wrong === "half") {
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"decision":');
      setTimeout(() => request.socket.destroy(), 10);
    } else if (wrong !== undefined) {
      response.writeHead(wrong.status, {
        "content-type": "application/problem+json",
        ...wrong.headers,
      });
      response.end(wrong.body ?? "");
    } else {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(answer));
    }
  }

  #work(request: IncomingMessage, path: string, body: unknown): unknown {
    if (path === "/v1/categories" && request.method === "GET") {
      return { modelVersion: "0123456789abcdef", categories };
    }
    if (path.startsWith("/v1/categories")) return { id: "home", name: "Home", changed: true };
    if (path === "/v1/predict") {
      const { title, tier } = body as { title: string; tier?: string };
      return prediction(title, tier);
    }
    if (path.startsWith("/v1/batch")) {
      return (body as { title: string }[]).map(({ title }, row) =>
        title === "bad"
          ? { row, error: { status: 400, code: "invalid_data", detail: "no", field: "title" } }
          : prediction(title),
      );
    }
    const key = request.headers["idempotency-key"] as string;
    const repeated = this.stored.has(key);
    if (!repeated) this.stored.set(key, body);
    return {
      outcome: repeated ? "repeated" : "stored",
      kind: "changed",
      categoryId: "design",
      sequence: 7,
    };
  }
}
