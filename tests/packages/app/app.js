// Uses the package as any page would. `?assets=URL` hosts its files elsewhere.
import { SmartSynch } from "smartsynch";
import "smartsynch/picker/define";

async function main() {
  const baseUrl = new URL(location.href).searchParams.get("assets") ?? undefined;
  const synch = await SmartSynch.create({ baseUrl });
  const instant = synch.predictInstant({ title: "Fix login authentication bug" });
  const state = await synch.ready();
  const full = await synch.predict({ title: "Fix login authentication bug" });
  const picker = document.createElement("smartsynch-picker");
  picker.engine = synch;
  document.body.append(picker);
  return {
    state: state.status,
    why: String(state.error ?? ""),
    tiers: [instant.tier, full.tier],
    best: [instant, full].map(({ suggestions }) => suggestions[0]?.categoryId),
    picker: picker.shadowRoot !== null,
  };
}

main().then(
  (answer) => (globalThis.answer = answer),
  (error) => (globalThis.answer = { error: `${error} ${error.cause ?? ""}` }),
);
