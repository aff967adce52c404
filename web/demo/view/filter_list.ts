import type { Filter } from "../tasks/task.js";
import { makeDot } from "./category_list.js";
import { byId, make } from "./dom.js";

export interface FilterRow {
  filter: Filter;
  name: string;
  count: number;
  /** Chosen by the user. */
  colour?: string | undefined;
}

/** The categories beside the list: which tasks to show. */
export class FilterList {
  readonly #root = byId("filters", HTMLUListElement);
  readonly #onChoose: (filter: Filter) => void;

  constructor(onChoose: (filter: Filter) => void) {
    this.#onChoose = onChoose;
  }

  render(rows: readonly FilterRow[], current: Filter): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset["filter"];
    this.#root.replaceChildren(
      ...rows.map((row) => {
        const key = keyOf(row.filter);
        const button = make("button", "filter");
        button.type = "button";
        button.dataset["filter"] = key;
        if (key === keyOf(current)) button.setAttribute("aria-current", "true");
        if (row.filter.kind !== "all") {
          const id = row.filter.kind === "category" ? row.filter.id : null;
          button.append(makeDot(id, row.colour));
        }
        const count = make("span", "count", row.count === 0 ? "" : String(row.count));
        button.append(make("span", "filter-name", row.name), count);
        button.addEventListener("click", () => {
          this.#onChoose(row.filter);
        });
        const item = make("li");
        item.append(button);
        return item;
      }),
    );
    if (focused !== undefined) {
      this.#root.querySelector<HTMLElement>(`[data-filter="${CSS.escape(focused)}"]`)?.focus();
    }
  }
}

export function keyOf(filter: Filter): string {
  return filter.kind === "category" ? `category ${filter.id}` : filter.kind;
}
