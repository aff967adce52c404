import { SmartSynch } from "smartsynch";
import { createApp } from "vue";

import NewTask from "./app.vue";

const engine = await SmartSynch.create();
createApp(NewTask, { engine }).mount("#root");
