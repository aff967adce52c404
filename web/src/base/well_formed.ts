/** A surrogate without its partner; the `u` flag makes a whole pair one character. */
const LONE_SURROGATE = /[\uD800-\uDFFF]/gu;

/**
 * The text with every lone surrogate (half of an emoji, as an input field can hold it) replaced by
 * U+FFFD. UTF-8 cannot express one, and Embind would turn it into another character.
 */
export function toWellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, "\uFFFD");
}

/** One line of JSON whose texts are well-formed; `JSON.stringify` would keep half an emoji. */
export function toWellFormedJson(value: object): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "string" ? toWellFormed(part) : part,
  );
}
