/** What a core must know of an experiment; numbers left out are its own. */
export interface RunningExperiment {
  id: string;
  share: number;
  alpha?: number | undefined;
  leastGain?: number | undefined;
  mostShown?: number | undefined;
}

/** Which versions answer. Heads without bytes are the base model's. */
export interface AnsweringVersions {
  heads: Uint8Array;
  /** In it a challenger answers its share of the tasks, with these heads; null: none runs. */
  experiment: RunningExperiment | null;
  challengerHeads: Uint8Array;
}
