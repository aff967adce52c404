// The page's entry: joins SmartSynch, the tasks and the pages.
import { type Notice, SmartSynch } from "../src/index.js";
import { Announcer } from "./announcer.js";
import { sentence } from "./model.js";
import { keepForOffline } from "./offline.js";
import { CategoryPage } from "./pages/category_page.js";
import { Composer } from "./pages/composer.js";
import { ExperimentPanel } from "./pages/experiment_panel.js";
import { LearningPage } from "./pages/learning_page.js";
import { TaskPage } from "./pages/task_page.js";
import { VersionList } from "./pages/version_list.js";
import { Session } from "./session.js";
import { CategoryDialog } from "./view/category_dialog.js";
import { ConfirmDialog } from "./view/confirm_dialog.js";
import { byId } from "./view/dom.js";
import { ErrorBanner } from "./view/error_banner.js";
import { keepFocus } from "./view/focus_keeper.js";
import { LoadingBar } from "./view/loading_bar.js";
import { Navigation } from "./view/navigation.js";
import { Toast } from "./view/toast.js";

const NOT_SAVED =
  "This browser does not save data here: what you add is gone when the page closes.";

const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve);
  });

// The page begins in several tasks, so that it answers in between.
await import("../src/element/define.js");
await nextTask();

keepFocus();
const announcer = new Announcer();
const banner = new ErrorBanner();
const loading = new LoadingBar();
const toast = new Toast((text) => {
  announcer.say(text);
});
const session = new Session(() => {
  warnNotSaved(NOT_SAVED);
});
const dialog = new CategoryDialog();
const confirm = new ConfirmDialog();
const tasks = new TaskPage(session, toast);
await nextTask();
const composer = new Composer(session, announcer, dialog, (task, shown) => {
  announcer.say(`Task added: ${task.title}`);
  void tasks.add(task, shown);
});

async function start(): Promise<void> {
  try {
    const synch = await SmartSynch.create({
      onProgress: (progress) => {
        loading.show(progress);
      },
      onNotice,
    });
    await session.attach(synch);
    tasks.editor.picker.categories = null;
    tasks.editor.picker.engine = {
      openField: () => synch.openField(),
      categories: () => synch.categories(),
      addCategory: async ({ name }) => {
        const id = await session.createCategory(name);
        return { id, name: session.nameOf(id) };
      },
    };
    composer.attach(synch);
    if (synch.fullTier.status === "waiting") {
      // The browser asks to save data, so the large files come when the user wants them.
      loading.offer(() => void synch.retryFullTier());
    }
    keepForOffline();
  } catch (error) {
    loading.hide();
    tasks.editor.picker.categories = session.categories.all;
    banner.show(
      "SmartSynch could not be loaded. You can still choose categories yourself.",
      `${sentence(error)}.`,
      () => void start(),
    );
  }
}

function onNotice(notice: Notice): void {
  switch (notice.kind) {
    case "full-tier-ready":
      loading.hide();
      banner.hide();
      composer.ask();
      break;
    case "full-tier-failed":
      loading.hide();
      banner.show(
        "The full model could not be loaded. The instant model goes on without it.",
        `${sentence(notice.error)}.`,
        () => void session.synch?.retryFullTier(),
      );
      break;
    case "storage-failed":
      warnNotSaved(NOT_SAVED);
      break;
    case "learnt-elsewhere":
    case "fine-tuned":
      session.changed();
      break;
    case "worker-restarted":
      break;
  }
}

function warnNotSaved(text: string): void {
  const notice = byId("storage-notice", HTMLElement);
  const [line] = notice.getElementsByTagName("p");
  if (line !== undefined) line.textContent = text;
  notice.hidden = false;
}

new Navigation();
await nextTask();
void session.openTasks();
void start();
await nextTask();
new CategoryPage(session, { dialog, confirm, toast });
await nextTask();
new LearningPage(session, confirm, toast);
new VersionList(session, toast);
new ExperimentPanel(session, toast);
