import type { PersonalVersion } from "../../src/index.js";
import { sentence } from "../model.js";
import type { Session } from "../session.js";
import { byId, make, syncChildren } from "../view/dom.js";
import type { Toast } from "../view/toast.js";
import { versionName } from "./experiment_panel.js";

/** The versions of what answers: train a new one, take an earlier one, go back. */
export class VersionList {
  readonly #list = byId("versions", HTMLUListElement);
  readonly #train = byId("fine-tune", HTMLButtonElement);
  readonly #back = byId("roll-back", HTMLButtonElement);
  readonly #progress = byId("fine-tune-progress", HTMLProgressElement);
  readonly #session: Session;
  readonly #toast: Toast;

  constructor(session: Session, toast: Toast) {
    this.#session = session;
    this.#toast = toast;
    this.#train.addEventListener("click", () => void this.#fineTune());
    this.#back.addEventListener("click", () => {
      void this.#change("Back to the version before.", () => session.synch?.rollBack());
    });
    session.onChange(() => {
      this.#render();
    });
    this.#render();
  }

  #render(): void {
    const { synch } = this.#session;
    const versions = synch?.versions() ?? [];
    const isComparing = (synch?.experiment() ?? null) !== null;
    syncChildren(this.#list, [...versions].reverse(), {
      keyOf: ({ id, createdMs }) => id ?? String(createdMs),
      create: (version) => this.#makeRow(version),
      fill: (row, version) => {
        fill(row, version, isComparing);
      },
    });
    this.#train.disabled = synch === null;
    this.#back.hidden = versions[0]?.active ?? true;
  }

  #makeRow({ id }: PersonalVersion): HTMLLIElement {
    const row = make("li", "row");
    const text = make("div", "row-text");
    text.append(make("p"), make("p", "row-of"));
    row.append(text, make("span", "count", "In use"));
    if (id === null) return row;
    const actions = make("div", "actions");
    for (const [label, run] of [
      ["Compare", (): void => void this.#compare(id)],
      ["Use", (): void => void this.#use(id)],
    ] as const) {
      const button = make("button", "quiet small", label);
      button.type = "button";
      button.addEventListener("click", run);
      actions.append(button);
    }
    row.append(actions);
    return row;
  }

  async #use(id: string): Promise<void> {
    await this.#change("This version answers now.", () => this.#session.synch?.activateVersion(id));
  }

  async #compare(challenger: string): Promise<void> {
    await this.#change("Comparing: each of the two answers half of your new tasks.", async () => {
      await this.#session.synch?.startExperiment({ challenger });
    });
  }

  async #fineTune(): Promise<void> {
    this.#train.disabled = true;
    this.#progress.hidden = false;
    this.#progress.value = 0;
    await this.#change("", async () => {
      const version = await this.#session.synch?.fineTune({
        onProgress: (share) => {
          this.#progress.value = share;
        },
      });
      if (version === undefined) return;
      const outcome = version.accepted ? "Fine-tuned, and in use" : "Fine-tuned, but not taken";
      this.#toast.show(`${outcome}: ${version.reason}.`);
    });
    this.#progress.hidden = true;
  }

  async #change(done: string, run: () => Promise<void> | undefined): Promise<void> {
    try {
      await run();
      if (done !== "") this.#toast.show(done);
    } catch (error) {
      this.#toast.show(`${sentence(error)}.`);
    }
    this.#session.changed();
  }
}

function fill(row: HTMLLIElement, version: PersonalVersion, isComparing: boolean): void {
  const { active, accepted } = version;
  row.classList.toggle("active", active);
  const name = versionName(version);
  const [title, detail] = row.querySelectorAll("p");
  if (title !== undefined) title.textContent = accepted ? name : `${name}, not taken`;
  if (detail !== undefined) detail.textContent = versionDetail(version);
  const mark = row.querySelector<HTMLElement>(".count");
  if (mark !== null) mark.hidden = !active;
  const actions = row.querySelector<HTMLElement>(".actions");
  if (actions === null) return;
  actions.hidden = active || !accepted;
  for (const button of actions.querySelectorAll("button")) {
    button.setAttribute("aria-label", `${button.textContent}: ${name}`);
    if (button.textContent === "Compare") button.hidden = isComparing;
  }
}

function versionDetail({ parent, createdMs, reason }: PersonalVersion): string {
  return parent === null && createdMs === 0
    ? "The base model, with your corrections."
    : `${reason.charAt(0).toUpperCase()}${reason.slice(1)}.`;
}
