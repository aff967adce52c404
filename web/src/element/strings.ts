/** Everything the picker says; replace any of it with the property `strings`. */
export interface PickerStrings {
  /** Name of the field where no label names it. */
  label: string;
  placeholder: string;
  suggestions: string;
  allCategories: string;
  noMatch: string;
  undo: string;
  /** On the mark of a category that was selected automatically. */
  automatic: string;
  open: string;
  required: string;
  create: (name: string) => string;
  percent: (share: number) => string;
  announceAuto: (category: string, percent: string) => string;
  announceUndo: (category: string | null) => string;
}

/** English. */
export const ENGLISH: PickerStrings = {
  label: "Category",
  placeholder: "Choose a category",
  suggestions: "Suggestions",
  allCategories: "All categories",
  noMatch: "No category of that name",
  undo: "Undo",
  automatic: "Auto",
  open: "Show categories",
  required: "Please choose a category.",
  create: (name) => `Create “${name}”`,
  percent: (share) => `${String(Math.round(share * 100))}%`,
  announceAuto: (category, percent) =>
    `${category} selected automatically, ${percent} sure. Escape in the category field undoes it.`,
  announceUndo: (category) =>
    category === null ? "Undone, no category selected." : `Undone, ${category} selected again.`,
};
