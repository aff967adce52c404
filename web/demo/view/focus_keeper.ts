/** How many elements back the focus may go. */
const REMEMBERED = 10;
const TEXT_FIELDS = "input, textarea, select, smartsynch-picker";
const GONE = "[hidden], dialog:not([open]), details:not([open]) > :not(summary)";

/**
 * Keeps the focus on the page: when the focused control is removed or hidden (a row that is undone, a
 * message that was answered), the focus goes back to where it was before, else to the page's heading.
 * What still has the focus never loses it.
 */
export function keepFocus(): void {
  let last: HTMLElement | null = null;
  let byPointer = false;
  const former: HTMLElement[] = [];
  document.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof HTMLElement)) return;
    last = target;
    former.unshift(target);
    former.length = Math.min(former.length, REMEMBERED);
  });
  document.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget !== null) return;
    const left = last;
    // To nowhere, from a control that is there still when this is over: that is the user's doing.
    setTimeout(() => {
      if (last === left && left !== null && isThere(left) && document.activeElement !== left) {
        last = null;
      }
    });
  });
  document.addEventListener("pointerdown", () => (byPointer = true), true);
  document.addEventListener("keydown", () => (byPointer = false), true);
  new MutationObserver(() => {
    if (last === null || isThere(last)) return;
    last = null;
    const { activeElement } = document;
    const isHeld = activeElement instanceof HTMLElement && activeElement !== document.body;
    if ((isHeld && isThere(activeElement)) || document.querySelector("dialog[open]")) return;
    // Into a text field only for who types: elsewhere it would open the keyboard of the screen.
    const back = former.find(
      (element) => isThere(element) && !(byPointer && element.matches(TEXT_FIELDS)),
    );
    const heading = document.querySelector<HTMLElement>("main > section:not([hidden]) h1");
    (back ?? heading)?.focus({ preventScroll: byPointer });
  }).observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ["hidden", "open"],
  });
}

function isThere(element: HTMLElement): boolean {
  return element.isConnected && element.closest(GONE) === null;
}
