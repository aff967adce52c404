/** The page's element with this id; the page is ours, so a missing one is a mistake in it. */
export function byId<T extends HTMLElement>(id: string, type: new () => T): T {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page has no ${type.name} #${id}`);
  return element;
}

/** A new element with class and text. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = "",
  text = "",
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  if (text !== "") element.textContent = text;
  return element;
}

/**
 * Makes the children of `root` those of `items`. An element whose key is still there is kept and only
 * filled anew, so that a focused control in it stays focused and an open one stays open.
 */
export function syncChildren<Item, Child extends HTMLElement>(
  root: HTMLElement,
  items: readonly Item[],
  { keyOf, create, fill }: ChildMaker<Item, Child>,
): void {
  const old = new Map(
    [...root.children].map((child) => [(child as HTMLElement).dataset["key"], child]),
  );
  const children = items.map((item) => {
    const key = keyOf(item);
    const child = (old.get(key) as Child | undefined) ?? create(item);
    child.dataset["key"] = key;
    fill(child, item);
    return child;
  });
  const kept = new Set<Element>(children);
  for (const child of [...root.children]) if (!kept.has(child)) child.remove();
  children.forEach((child, index) => {
    const there = root.children[index] ?? null;
    if (there !== child) root.insertBefore(child, there);
  });
}

export interface ChildMaker<Item, Child> {
  keyOf: (item: Item) => string;
  /** A new child; `fill` comes after. */
  create: (item: Item) => Child;
  fill: (child: Child, item: Item) => void;
}
