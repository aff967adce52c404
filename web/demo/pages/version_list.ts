import type { PersonalVersion } from "../../src/index.js";
import { sentence } from "../model.js";
import type { Session } from "../session.js";
import { byId, make } from "../view/dom.js";
import type { Toast } from "../view/toast.js";
import { timeText } from "../view/time_text.js";

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
    this.#list.replaceChildren(...versions.map((version) => this.#makeRow(version)).reverse());
    this.#train.disabled = synch === null;
    this.#back.hidden = versions[0]?.active ?? true;
  }

  #makeRow(version: PersonalVersion): HTMLLIElement {
    const { id, parent, createdMs, accepted, active } = version;
    const row = make("li", "row");
    row.classList.toggle("active", active);
    const text = make("div", "row-text");
    const isBase = parent === null && createdMs === 0;
    const what = isBase ? "As delivered" : accepted ? "Fine-tuned" : "Fine-tuned, not taken";
    const when = isBase ? "" : ` · ${timeText(createdMs)}`;
    const detail = isBase ? "The base model, with your corrections." : `${version.reason}${when}`;
    text.append(make("p", "", what), make("p", "row-of", detail));
    row.append(text);
    if (active) row.append(make("span", "count", "In use"));
    else if (accepted && id !== null) {
      const use = make("button", "quiet small", "Use");
      use.type = "button";
      use.setAttribute("aria-label", `Use: ${what}${when}`);
      use.addEventListener("click", () => {
        void this.#change(`In use: ${what.toLowerCase()}.`, () =>
          this.#session.synch?.activateVersion(id),
        );
      });
      row.append(use);
    }
    return row;
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
      this.#toast.show(`${outcome}: ${version.reason}`);
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
    // A button that was pressed may be gone with its row.
    if (document.activeElement === document.body) byId("versions-heading", HTMLElement).focus();
  }
}
