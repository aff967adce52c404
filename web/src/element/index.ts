/**
 * `<smartsynch-picker>`, the category field. Importing this registers nothing:
 * `import "smartsynch/picker/define"` does, under that name.
 * @module
 */
export * from "./events.js";
export { proposeName } from "./options.js";
export type { PickerEngine } from "./prediction_feed.js";
export { SmartSynchPicker } from "./smart_synch_picker.js";
export { ENGLISH } from "./strings.js";
export type { PickerStrings } from "./strings.js";
