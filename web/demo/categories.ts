import { type Category, SmartSynch } from "../src/index.js";

/** How many colours styles/tokens.css has for categories. */
const COLOURS = 8;

/**
 * The categories to choose from. They are there from the start and stay when SmartSynch cannot be
 * loaded, so manual choice always works.
 */
export class Categories {
  #all: Category[] = SmartSynch.builtInCategories();
  #synch: SmartSynch | null = null;

  get all(): readonly Category[] {
    return this.#all;
  }

  has(id: string): boolean {
    return this.#all.some((category) => category.id === id);
  }

  find(id: string | null): Category | undefined {
    return this.#all.find((category) => category.id === id);
  }

  nameOf(id: string | null): string | null {
    return this.find(id)?.name ?? null;
  }

  /** From now on SmartSynch keeps them; those created before are handed over. */
  async attach(synch: SmartSynch): Promise<void> {
    this.#synch = synch;
    const known = new Set(synch.categories().map(({ id }) => id));
    const builtIn = new Set(SmartSynch.builtInCategories().map(({ id }) => id));
    for (const { id, name } of this.#all) {
      if (known.has(id) || builtIn.has(id)) continue;
      await synch.addCategory({ name }).catch(() => undefined);
    }
    this.refresh();
  }

  /** Takes over what SmartSynch has now. */
  refresh(): void {
    if (this.#synch !== null) this.#all = this.#synch.categories();
  }

  /** Rejects with what is wrong with the name. */
  async create(name: string): Promise<Category> {
    if (this.#synch === null) {
      const category = this.#createAlone(name);
      this.#all = [...this.#all, category];
      return category;
    }
    const category = await this.#synch.addCategory({ name });
    this.refresh();
    return category;
  }

  #createAlone(name: string): Category {
    const trimmed = name.trim();
    if (trimmed === "") throw new Error("a category needs a name");
    const taken = this.#all.find((c) => c.name.toLowerCase() === trimmed.toLowerCase());
    if (taken !== undefined) throw new Error(`there is a category "${taken.name}" already`);
    return { id: trimmed.toLowerCase(), name: trimmed };
  }
}

/** A category's colour, as a number of the style sheet's: the same on every visit, from its id. */
export function colourOf(id: string): string {
  const builtIn = SmartSynch.builtInCategories().findIndex((category) => category.id === id);
  if (builtIn >= 0) return String(builtIn % COLOURS);
  let hash = 0;
  for (const letter of id) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 65521;
  return String(hash % COLOURS);
}
