import { type Category, SmartSynch } from "../src/index.js";

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

  nameOf(id: string | null): string | null {
    return this.#all.find((category) => category.id === id)?.name ?? null;
  }

  /** From now on SmartSynch keeps them; those created before are handed over. */
  async attach(synch: SmartSynch): Promise<void> {
    this.#synch = synch;
    const known = new Set(synch.categories().map(({ id }) => id));
    for (const { id, name } of this.#all) {
      if (!known.has(id)) await synch.addCategory({ name }).catch(() => undefined);
    }
    this.#all = synch.categories();
  }

  /** Rejects with what is wrong with the name. */
  async create(name: string): Promise<Category> {
    const category =
      this.#synch === null ? this.#createAlone(name) : await this.#synch.addCategory({ name });
    this.#all = [...this.#all, category];
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
