import type { Category, Feedback, FieldSession, Prediction, Task } from "../types.js";

/** What the picker asks of a `SmartSynch`; any object that has these will do. */
export interface PickerEngine {
  openField(): FieldSession;
  categories(): Category[];
  addCategory(category: { name: string }): Promise<Category>;
  /** Where it exists, the user's decisions are passed on. */
  feedback?(feedback: Feedback): Promise<unknown>;
}

/** Keeps a typing session open while there is an engine, and passes its predictions on. */
export class PredictionFeed {
  #engine: PickerEngine | null = null;
  #field: FieldSession | null = null;
  #task: Task = { title: "" };
  #learnt = "";
  readonly #onPrediction: (prediction: Prediction) => void;
  readonly #onError: (error: unknown) => void;

  constructor(onPrediction: (prediction: Prediction) => void, onError: (error: unknown) => void) {
    this.#onPrediction = onPrediction;
    this.#onError = onError;
  }

  /** Ends the session there is and opens one of `engine`. */
  connect(engine: PickerEngine | null): void {
    this.#field?.close();
    this.#field = null;
    this.#engine = engine;
    if (engine === null) return;
    try {
      this.#field = engine.openField();
      void this.#read(this.#field);
    } catch (error) {
      this.#onError(error);
    }
  }

  update(task: Task): void {
    this.#task = task;
    this.#field?.update(task);
  }

  /**
   * Nothing is learnt from a task without title. What was kept is learnt once, though its form may be
   * sent again.
   */
  learn(
    category: string,
    kind: "accepted" | "changed" | "rejected",
    shown: Prediction | null,
  ): void {
    if (this.#task.title.trim() === "" || !this.#engine?.feedback) return;
    const feedback = { ...this.#task, category, kind };
    const before = this.#learnt;
    this.#learnt = JSON.stringify(feedback);
    if (kind === "accepted" && this.#learnt === before) return;
    this.#engine.feedback(shown === null ? feedback : { ...feedback, shown }).catch(this.#onError);
  }

  /** A failed answer leaves the session open, so reading goes on. */
  async #read(field: FieldSession): Promise<void> {
    const answers: AsyncIterator<Prediction, unknown> = field[Symbol.asyncIterator]();
    while (this.#field === field) {
      try {
        const answer = await answers.next();
        if (answer.done === true) return;
        if (this.#field === field) this.#onPrediction(answer.value);
      } catch (error) {
        if (this.#field === field) this.#onError(error);
      }
    }
  }
}
