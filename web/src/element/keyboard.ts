/** Close the popup, undo the choice, take the active option, or make an option the active one. */
export type KeyAction = "close" | "undo" | "take" | number;

/** What a key does in a combobox with `count` options (ARIA Authoring Practices); null: nothing. */
export function keyAction(
  { key, altKey, isComposing }: Pick<KeyboardEvent, "key" | "altKey" | "isComposing">,
  isOpen: boolean,
  active: number,
  count: number,
): KeyAction | null {
  if (isComposing) return null; // the keys belong to the input method
  if (key === "Escape") return isOpen ? "close" : "undo";
  if (key === "Enter") return isOpen && active >= 0 ? "take" : null;
  if (key === "ArrowUp" && altKey) return isOpen ? "close" : null;
  if (key === "ArrowDown" && altKey) return isOpen ? null : -1;
  if (key === "ArrowDown") return active + 1 < count ? active + 1 : 0;
  if (key === "ArrowUp") return active > 0 ? active - 1 : count - 1;
  return null;
}
