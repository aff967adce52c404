import { sentence } from "../model.js";
import type { Session } from "../session.js";
import { describeStep, correctionsText, type Step } from "../tasks/history.js";
import { makeDot } from "../view/category_list.js";
import type { ConfirmDialog } from "../view/confirm_dialog.js";
import { byId, make, syncChildren } from "../view/dom.js";
import { timeText } from "../view/time_text.js";
import type { Toast } from "../view/toast.js";

const STEPS_A_PAGE = 30;
const LEAD = "Every step, newest first. Undo makes it as if it had never been.";

/** What was learnt, step by step, each of which can be undone; and the user's data as a whole. */
export class LearningPage {
  readonly #list = byId("history", HTMLUListElement);
  readonly #empty = byId("history-empty", HTMLElement);
  readonly #lead = byId("learning-lead", HTMLElement);
  readonly #more = byId("history-more", HTMLButtonElement);
  readonly #version = byId("model-version", HTMLElement);
  readonly #file = byId("import-file", HTMLInputElement);
  readonly #session: Session;
  readonly #confirm: ConfirmDialog;
  readonly #toast: Toast;
  #shown = STEPS_A_PAGE;

  constructor(session: Session, confirm: ConfirmDialog, toast: Toast) {
    this.#session = session;
    this.#confirm = confirm;
    this.#toast = toast;
    this.#more.addEventListener("click", () => {
      this.#shown += STEPS_A_PAGE;
      this.#render();
    });
    byId("export", HTMLButtonElement).addEventListener("click", () => {
      download("smartsynch.json", session.exportBackup());
      toast.show("Exported.");
    });
    byId("import", HTMLButtonElement).addEventListener("click", () => {
      this.#file.click();
    });
    this.#file.addEventListener("change", () => void this.#import());
    byId("forget", HTMLButtonElement).addEventListener("click", () => void this.#forget());
    session.onChange(() => {
      this.#render();
    });
    this.#render();
  }

  #render(): void {
    const steps = this.#session.steps.reverse();
    syncChildren(this.#list, steps.slice(0, this.#shown), {
      // An import counts anew.
      keyOf: ({ sequence, timeMs }) => `${String(sequence)} ${String(timeMs)}`,
      create: (step) => this.#makeRow(step),
      fill: (row, step) => {
        this.#fill(row, step);
      },
    });
    this.#list.hidden = steps.length === 0;
    this.#empty.hidden = steps.length > 0;
    this.#more.hidden = steps.length <= this.#shown;
    const learnt = correctionsText(steps);
    this.#lead.textContent = `${learnt === "" ? "" : `Learnt from ${learnt}. `}${LEAD}`;
    const version = this.#session.synch?.modelVersion;
    this.#version.textContent = version === undefined ? "" : `Model ${version}`;
  }

  #makeRow(step: Step): HTMLLIElement {
    const row = make("li", "row");
    const text = make("div", "row-text");
    const time = make("time", "", timeText(step.timeMs));
    time.dateTime = new Date(step.timeMs).toISOString();
    const of = make("bdi");
    const detail = make("p", "row-of");
    detail.append(of, step.title === "" ? "" : " · ", time);
    text.append(make("p"), detail);
    const undo = make("button", "quiet small", "Undo");
    undo.type = "button";
    undo.addEventListener("click", () => void this.#undo(step));
    row.append(makeDot(null), text, undo);
    return row;
  }

  /** The names of categories change. */
  #fill(row: HTMLLIElement, step: Step): void {
    const { what, of } = describeStep(step, this.#session.nameOf);
    const id = step.targetId || step.categoryId;
    row.querySelector(".dot")?.replaceWith(makeDot(id, this.#session.categories.find(id)?.colour));
    const title = row.querySelector("p");
    const detail = row.querySelector("bdi");
    if (title !== null) title.textContent = what;
    if (detail !== null) detail.textContent = of;
    const label = `Undo: ${what}${of === "" ? "" : `, ${of}`}`;
    row.querySelector("button")?.setAttribute("aria-label", label);
  }

  async #undo(step: Step): Promise<void> {
    const { what } = describeStep(step, this.#session.nameOf);
    try {
      await this.#session.undo(step);
    } catch (error) {
      this.#toast.show(`${sentence(error)}.`);
      return;
    }
    this.#toast.show(`Undone: ${what}.`);
    // The row is gone with its button; the heading is the nearest place that stays.
    byId("learning-heading", HTMLElement).focus();
  }

  async #import(): Promise<void> {
    const [file] = this.#file.files ?? [];
    this.#file.value = "";
    if (file === undefined) return;
    const answer = await this.#confirm.ask({
      heading: "Import",
      text: `“${file.name}” takes the place of all tasks and of everything learnt.`,
      action: "Replace",
      danger: true,
    });
    if (answer === null) return;
    try {
      const { tasks } = await this.#session.importBackup(await file.text());
      this.#toast.show(importedText(tasks?.length));
    } catch (error) {
      this.#toast.show(`Not imported: ${sentence(error)}. Nothing has changed.`);
    }
  }

  async #forget(): Promise<void> {
    const answer = await this.#confirm.ask({
      heading: "Forget everything",
      text: "All tasks, your categories and everything learnt are deleted from this device. This cannot be undone; export first if you may want them back.",
      action: "Forget everything",
      danger: true,
    });
    if (answer === null) return;
    await this.#session.forgetEverything();
    this.#toast.show("Everything is forgotten.");
  }
}

/** `count` is missing for a file without tasks. */
function importedText(count?: number): string {
  if (count === undefined) return "Imported.";
  return `Imported ${String(count)} ${count === 1 ? "task" : "tasks"}.`;
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = make("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}
