import type { Filter } from "../tasks/task.js";
import { makeDot } from "./category_list.js";
import { byId, make, syncChildren } from "./dom.js";

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
    syncChildren(this.#root, rows, {
      keyOf: ({ filter }) => keyOf(filter),
      create: ({ filter }) => {
        const item = make("li");
        const button = make("button", "filter");
        button.type = "button";
        button.addEventListener("click", () => {
          this.#onChoose(filter);
        });
        item.append(button);
        return item;
      },
      fill: (item, row) => {
        const button = item.querySelector("button");
        if (button !== null) fill(button, row, keyOf(row.filter) === keyOf(current));
      },
    });
  }
}

function fill(button: HTMLButtonElement, row: FilterRow, isCurrent: boolean): void {
  const { filter, name, count, colour } = row;
  if (isCurrent) button.setAttribute("aria-current", "true");
  else button.removeAttribute("aria-current");
  const dot = filter.kind === "category" ? makeDot(filter.id, colour) : makeDot(null);
  button.replaceChildren(
    ...(filter.kind === "all" ? [] : [dot]),
    make("span", "filter-name", name),
    make("span", "count", count === 0 ? "" : String(count)),
  );
}

export function keyOf(filter: Filter): string {
  return filter.kind === "category" ? `category ${filter.id}` : filter.kind;
}
