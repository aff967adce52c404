import type { Category, Prediction } from "../types.js";

/** One line of the popup. */
export interface PickerOption {
  kind: "suggestion" | "category" | "create";
  /** Category id; empty for `create`. */
  id: string;
  name: string;
  /** "#rrggbb"; null: none. */
  colour: string | null;
  /** 0..1, of suggestions only. */
  confidence: number | null;
}

/** Without case and accents, for comparing names. */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();
}

/**
 * What the popup offers. With a filter: the categories that contain it, and to create what was
 * typed. Without: suggestions first, all categories after, and a new category where none fits.
 */
export function listOptions(
  categories: readonly Category[],
  prediction: Prediction | null,
  filter: string,
  title: string,
): PickerOption[] {
  const wanted = fold(filter);
  const byId = new Map(categories.map((category) => [category.id, category]));
  const suggestions = (prediction?.suggestions ?? []).flatMap(
    ({ categoryId, confidence }): PickerOption[] => {
      const known = byId.get(categoryId);
      return known === undefined ? [] : [{ ...optionOf("suggestion", known), confidence }];
    },
  );
  const suggested = new Set(suggestions.map(({ id }) => id));
  const others = categories
    .filter(({ id }) => !suggested.has(id))
    .map((category) => optionOf("category", category));
  const options = [...suggestions, ...others].filter(({ name }) => fold(name).includes(wanted));
  const proposal = filter.trim() === "" ? proposalFor(prediction, title) : filter.trim();
  const taken = categories.some(({ name }) => fold(name) === fold(proposal));
  if (proposal === "" || taken) return options;
  const create = optionOf("create", { id: "", name: proposal });
  // Where nothing fits, the proposal is the best there is.
  return prediction?.decision === "new" && wanted === ""
    ? [create, ...options]
    : [...options, create];
}

/** Whatever a host gives as colour: what is none never reaches a style. */
function optionOf(kind: PickerOption["kind"], { id, name, colour }: Category): PickerOption {
  const isColour = colour !== undefined && /^#[\da-f]{6}$/i.test(colour);
  return { kind, id, name, colour: isColour ? colour : null, confidence: null };
}

function proposalFor(prediction: Prediction | null, title: string): string {
  return prediction?.decision === "new" || prediction?.decision === "suggest"
    ? proposeName(title)
    : "";
}

/** Little words that name nothing; other languages' titles simply keep theirs. */
const LITTLE_WORDS = new Set(
  "a an and at by do for from get in into is it make my new of off on or our out the to up with your".split(
    " ",
  ),
);
const LONGEST_NAME = 32;

/**
 * A category name drawn from a title: its first two words that mean something.
 * `proposeName("water the plants tomorrow") === "Water plants"`; empty when there is none.
 */
export function proposeName(title: string): string {
  const words = (title.match(/[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}'’&+#-]*/gu) ?? []).filter(
    (word) => /\p{L}/u.test(word) && !LITTLE_WORDS.has(word.toLowerCase()),
  );
  const name = words.slice(0, 2).join(" ").slice(0, LONGEST_NAME).trim();
  // By code point: a letter beyond the first plane is not cut in two.
  return name.replace(/^./u, (first) => first.toUpperCase());
}
