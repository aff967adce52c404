import type { Experiment, ExperimentArm, PersonalVersion } from "../../src/index.js";
import { sentence } from "../model.js";
import type { Session } from "../session.js";
import { byId } from "../view/dom.js";
import { timeText } from "../view/time_text.js";
import type { Toast } from "../view/toast.js";

const VERDICTS = {
  continue: "Too early to tell.",
  promote: "The other version is better.",
  stop: "The other version is no better.",
} as const;

/** The comparison of two versions that runs: how it stands, and its end. */
export class ExperimentPanel {
  readonly #root = byId("experiment", HTMLElement);
  readonly #text = byId("experiment-text", HTMLElement);
  readonly #verdict = byId("experiment-verdict", HTMLElement);
  readonly #session: Session;
  readonly #toast: Toast;

  constructor(session: Session, toast: Toast) {
    this.#session = session;
    this.#toast = toast;
    byId("experiment-stop", HTMLButtonElement).addEventListener("click", () => {
      void this.#end("Stopped: the version in use goes on.", () => session.synch?.stopExperiment());
    });
    byId("experiment-take", HTMLButtonElement).addEventListener("click", () => {
      void this.#end("The other version answers now.", () => session.synch?.promote());
    });
    session.onChange(() => {
      this.#render();
    });
    this.#render();
  }

  #render(): void {
    const experiment = this.#session.synch?.experiment() ?? null;
    this.#root.hidden = experiment === null;
    if (experiment === null) return;
    this.#text.textContent = this.#describe(experiment);
    this.#verdict.textContent = VERDICTS[experiment.verdict];
  }

  #describe({ champion, challenger }: Experiment): string {
    const versions = this.#session.synch?.versions() ?? [];
    const arm = ({ version, accepted, shown }: ExperimentArm): string => {
      const found = versions.find(({ id }) => id === version);
      const name = found === undefined ? version : versionName(found);
      return `${name}: kept ${String(accepted)} of ${String(shown)}`;
    };
    return `${arm(champion)}. ${arm(challenger)}.`;
  }

  async #end(done: string, run: () => Promise<unknown> | undefined): Promise<void> {
    try {
      await run();
      this.#toast.show(done);
    } catch (error) {
      this.#toast.show(`${sentence(error)}.`);
    }
    this.#session.changed();
  }
}

/** "As delivered", or when it was trained. */
export function versionName({ parent, createdMs }: PersonalVersion): string {
  const isBase = parent === null && createdMs === 0;
  return isBase ? "As delivered" : `Fine-tuned ${timeText(createdMs)}`;
}
