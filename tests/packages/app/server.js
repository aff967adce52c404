// What a server that renders pages does: every entry is imported where there is no window.
import { SmartSynch } from "smartsynch";
import { SmartSynchPicker } from "smartsynch/picker";
import * as defined from "smartsynch/picker/define";
import { RemoteSynch } from "smartsynch/remote";

const synch = await SmartSynch.create();
const { tier, suggestions } = await synch.predict({ title: "Fix login authentication bug" });
synch.dispose();
const kinds = [SmartSynchPicker, defined.SmartSynchPicker, RemoteSynch].map(
  (value) => typeof value,
);
console.log(typeof globalThis.window, tier, suggestions[0].category, ...kinds);
