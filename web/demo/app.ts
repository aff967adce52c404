import { SmartSynch } from "../src/index.js";
const synch = await SmartSynch.create();
document.body.textContent = JSON.stringify(
  await synch.predict({ title: "Fix login authentication bug" }),
);
