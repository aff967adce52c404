import { byId } from "./dom.js";

const PAGES = ["tasks-page", "categories-page", "learning-page"];

/** One page at a time, by the address's fragment, so that the browser's Back works. */
export class Navigation {
  #shown = "";

  constructor() {
    window.addEventListener("hashchange", () => {
      this.#show(true);
    });
    byId("skip", HTMLAnchorElement).addEventListener("click", (event) => {
      event.preventDefault();
      location.hash = "#tasks";
      this.#show(false);
      byId("title", HTMLInputElement).focus();
    });
    this.#show(false);
  }

  #show(moveFocus: boolean): void {
    const wanted = location.hash.slice(1);
    const current = PAGES.includes(wanted) ? wanted : "tasks-page";
    if (current === this.#shown) return;
    this.#shown = current;
    for (const page of PAGES) byId(page, HTMLElement).hidden = page !== current;
    byId("filter-nav", HTMLElement).hidden = current !== "tasks-page";
    for (const link of document.querySelectorAll<HTMLAnchorElement>(".pages a")) {
      const page = PAGES.includes(link.hash.slice(1)) ? link.hash.slice(1) : "tasks-page";
      if (page === current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (moveFocus) byId(current, HTMLElement).querySelector("h1")?.focus();
    window.scrollTo(0, 0);
  }
}
