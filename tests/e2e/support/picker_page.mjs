// A page with the picker alone, over an engine that the test drives.
import { createStaticServer } from "../../../web/tools/serve.mjs";
import { dist } from "./browser.mjs";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Picker</title>
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body><main>
<h1>New task</h1>
<form id="form">
<label for="title">Title</label><input id="title" name="title">
<label for="picker">Category</label>
<smartsynch-picker id="picker" name="category" for="title"></smartsynch-picker>
<button id="add">Add task</button>
</form>
</main></body></html>`;

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; background: light-dark(#f3f4f7, #11141a); color: light-dark(#1d2330, #e7eaf1); }
body { margin: 0; }
main { max-width: 30rem; margin: 2rem auto; padding: 0 1rem; }
form { display: grid; gap: 0.5rem; padding: 1.5rem; border-radius: 14px; background: light-dark(#fff, #191d25); }
label { font-weight: 600; }
#title { box-sizing: border-box; width: 100%; min-height: 2.75rem; padding: 0 0.875rem; border: 1px solid light-dark(#858d9f, #6d7689); border-radius: 10px; background: none; color: inherit; font: inherit; }
#add { justify-self: start; margin-top: 0.5rem; padding: 0.625rem 1.25rem; border: 0; border-radius: 10px; background: light-dark(#3358c4, #93b0ff); color: light-dark(#fff, #10182e); font: inherit; font-weight: 600; }
`;

/** The engine answers as its table says: by the first word of the title. */
const SCRIPT = `
import "/picker_define.js";
const categories = ["Development", "Design", "Meeting", "Marketing", "Planning"].map((name) => ({ id: name.toLowerCase(), name }));
const answers = { Fix: ["auto", 0, 0.93, 2, 0.04], Draw: ["auto", 1, 0.88, 3, 0.07], Maybe: ["suggest", 4, 0.48, 2, 0.31], Water: ["new", 2, 0.22, 4, 0.18] };
function answer(title) {
  const [decision, a, p, b, q] = answers[title.split(" ")[0]] ?? ["suggest"];
  const suggestions = a === undefined ? [] : [[a, p], [b, q]].map(([i, confidence]) => ({ category: categories[i].name, categoryId: categories[i].id, confidence }));
  const isAuto = decision === "auto";
  return { decision, category: isAuto ? categories[a].name : null, categoryId: isAuto ? categories[a].id : null, confidence: p ?? 0, novelty: 0, suggestions, tier: "full", modelVersion: "m", truncated: false };
}
window.events = []; window.feedback = [];
const engine = {
  categories: () => [...categories],
  addCategory: async ({ name }) => { if (name === "Bad") throw new Error("bad name"); const c = { id: name.toLowerCase().replaceAll(" ", "-"), name }; categories.push(c); return c; },
  feedback: async ({ title, category, kind }) => { window.feedback.push([title, category, kind].join()); },
  openField() {
    let wake = null, next = null, closed = false;
    return {
      update({ title }) { next = answer(title); wake?.(); },
      close() { closed = true; wake?.(); },
      [Symbol.asyncIterator]: () => ({ async next() {
        while (next === null && !closed) await new Promise((resolve) => (wake = resolve));
        if (closed) return { done: true, value: undefined };
        const value = next; next = null; return { done: false, value };
      } }),
    };
  },
};
const picker = document.getElementById("picker");
for (const type of ["change", "create-category", "undo-choice", "picker-error"]) {
  picker.addEventListener(type, (e) => window.events.push([e.type, e.constructor.name.length > 0, e.value ?? e.name ?? e.error?.message, e.source].filter((v) => v !== true && v !== undefined).join(":")));
}
document.getElementById("form").addEventListener("submit", (e) => { e.preventDefault(); window.sent = new FormData(e.target).get("category"); });
picker.engine = engine;
window.ready = true;
`;

/** Serves the page at / and the built scripts beside it. */
export async function servePicker() {
  const server = createStaticServer(dist);
  const [answer] = server.listeners("request");
  server.removeAllListeners("request");
  const own = {
    "/": ["text/html", PAGE],
    "/page.css": ["text/css", STYLE],
    "/page.js": ["text/javascript", SCRIPT],
  };
  const policy = "default-src 'self'; script-src 'self'; style-src 'self'";
  server.on("request", (request, response) => {
    const [type, body] = own[request.url] ?? [];
    if (type === undefined) return answer(request, response);
    response.writeHead(200, { "Content-Type": type, "Content-Security-Policy": policy });
    return response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
