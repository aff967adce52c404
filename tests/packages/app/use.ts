import { type Prediction, SmartSynch } from "smartsynch";
import { SmartSynchPicker } from "smartsynch/picker";
import "smartsynch/picker/define";
import { HybridSynch, RemoteSynch } from "smartsynch/remote";

const synch = await SmartSynch.create({ onProgress: ({ share }) => share.toFixed() });
const prediction: Prediction = await synch.predict({ title: "a" });
const category: string | null = prediction.category;
const picker: SmartSynchPicker = document.createElement("smartsynch-picker");
const remote = await RemoteSynch.create({ baseUrl: "https://tasks.example/" });
const hybrid = new HybridSynch({ local: synch, remote, first: "local" });
picker.engine = synch;
// @ts-expect-error -- no such field
void synch.predict({ titel: "a" });
// @ts-expect-error -- made by create()
new SmartSynch();
export { category, hybrid };
