import { checkRange } from "../base/check_range.js";
import { invalidType } from "../base/invalid_type.js";
import { SmartSynchError } from "../errors.js";
import type { Experiment, ExperimentOptions, PersonalVersion } from "../types.js";
import { FineTuningClient } from "./fine_tuning_client.js";

/** The methods that compare two versions on the user's own tasks, in page and Node. */
export abstract class ExperimentClient extends FineTuningClient {
  /**
   * Compares two versions: a share of the tasks is answered by the challenger, always the same one for
   * a task (`Task.taskId`), and `feedback` with `shown` counts what the user keeps. It goes on over
   * reloads and in all tabs until `promote`, `stopExperiment`, or another version is activated; a
   * fine-tuning that is accepted meanwhile is kept and does not answer.
   *
   * @throws SmartSynchError `not_found` for an unknown version, `already_exists` while an experiment
   * runs, `invalid_argument` for a number out of range.
   * @example
   * ```ts
   * const [base, tuned] = synch.versions();
   * await synch.startExperiment({ champion: base.id, challenger: tuned.id });
   * const shown = await synch.predict({ title, taskId });
   * await synch.feedback({ title, taskId, category, kind: "accepted", shown });
   * if (synch.experiment()?.verdict === "promote") await synch.promote();
   * ```
   */
  async startExperiment(options: ExperimentOptions): Promise<Experiment> {
    checkExperimentOptions(options);
    const { champion, challenger, share = 0.5, alpha, leastGain, mostShown } = options;
    const startedMs = Date.now();
    const id = `${startedMs.toString(36)}-${challenger.slice(0, 8)}`;
    const given = { id, startedMs, challenger, share, alpha, leastGain, mostShown };
    await this.log.changeHistory((history, baseVersion) => {
      const active = history.stored.active || baseVersion;
      history.startExperiment({ ...given, champion: champion ?? active }, baseVersion);
    });
    const started = this.experiment();
    if (started === null) {
      throw new SmartSynchError("cancelled", "the experiment has been ended meanwhile");
    }
    return started;
  }

  /** The experiment as it stands now, whenever it is asked for; null while none runs. */
  experiment(): Experiment | null {
    return this.log.experiment();
  }

  /** Ends the experiment, and the champion answers all tasks again; answers how it stood. */
  async stopExperiment(): Promise<Experiment | null> {
    let stood: Experiment | null = null;
    await this.log.changeHistory((history) => {
      stood = this.experiment();
      history.endExperiment();
    });
    return stood;
  }

  /**
   * Ends the experiment, and the challenger answers all tasks, whatever the verdict.
   * @throws SmartSynchError `not_found` while no experiment runs.
   */
  async promote(): Promise<PersonalVersion> {
    await this.log.changeHistory((history, baseVersion) => {
      const { experiment } = history;
      if (experiment === null) {
        throw new SmartSynchError("not_found", "no experiment runs", "experiment");
      }
      history.activate(experiment.challenger || baseVersion, baseVersion);
    });
    const promoted = this.versions().find(({ active }) => active);
    if (promoted === undefined) throw new SmartSynchError("internal", "no version is active");
    return promoted;
  }
}

function checkExperimentOptions(options: unknown): void {
  if (typeof options !== "object" || options === null) {
    throw invalidType("options", "an object with a challenger", options);
  }
  const { champion, challenger, ...numbers } = options as Record<string, unknown>;
  if (typeof challenger !== "string") throw invalidType("challenger", "a string", challenger);
  if (champion !== undefined && typeof champion !== "string") {
    throw invalidType("champion", "a string", champion);
  }
  checkRange("share", numbers["share"], 0.001, 0.999);
  checkRange("alpha", numbers["alpha"], Number.MIN_VALUE, 1 - Number.EPSILON);
  checkRange("leastGain", numbers["leastGain"], 0, 1);
  checkRange("mostShown", numbers["mostShown"], 0, Number.MAX_SAFE_INTEGER);
}
