// Stand-ins for what Lit and the registration look at while they are imported, so that a server may
// import the picker; in a page, the page's own. The build puts them in for these three names.
export const HTMLElement = globalThis.HTMLElement ?? class {};
export const document = globalThis.document ?? { createTreeWalker: () => ({}) };
export const customElements = globalThis.customElements ?? { get: () => null, define: () => {} };
