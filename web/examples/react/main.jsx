import { createRoot } from "react-dom/client";
import { SmartSynch } from "smartsynch";

import { NewTask } from "./app.jsx";

const engine = await SmartSynch.create();
createRoot(document.getElementById("root")).render(<NewTask engine={engine} />);
