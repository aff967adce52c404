/** Registers `<smartsynch-picker>`; safe to import twice. */
import { SmartSynchPicker } from "./index.js";

if (customElements.get("smartsynch-picker") === undefined) {
  customElements.define("smartsynch-picker", SmartSynchPicker);
}

declare global {
  interface HTMLElementTagNameMap {
    "smartsynch-picker": SmartSynchPicker;
  }
}

export * from "./index.js";
