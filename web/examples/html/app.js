import "smartsynch/picker/define";
import { SmartSynch } from "smartsynch";

const picker = document.querySelector("smartsynch-picker");
picker.addEventListener("change", () => {
  document.querySelector("output").value = picker.value;
});
picker.engine = await SmartSynch.create();
