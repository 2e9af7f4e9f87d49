/**
 * What is said about a task.
 *
 * @module
 */

/** Where a task is, or what an id stands for. */
export type Whereabouts =
  /** Ready to be taken from its queue. */
  | "queued"
  /** It waits for its time. */
  | "scheduled"
  /** A worker holds it, started or not. */
  | "held"
  /** It has ended; there is a result. */
  | "ended"
  /** It could never run: it is among the dead letters. */
  | "dead"
  /** What comes before it has not ended; it was not sent yet. */
  | "to come"
  /** There is a result, and no message: it cannot go on by itself. */
  | "gone"
  /** The id of a group. */
  | "group"
  /** The name of a schedule entry. */
  | "schedule entry"
  /** Nothing is known of it. */
  | "unknown";

/** Where a task is, and why it does not run. */
export interface Explanation {
  /** The id that was asked about. */
  readonly id: string;
  /** The name of the task, if it is known. */
  readonly task: string | null;
  /** The state, in the terms of results. */
  readonly state: string;
  /** Where it is. */
  readonly where: Whereabouts;
  /** What there is to say: each sentence says one thing. */
  readonly sentences: readonly string[];
  /** What may help: commands to type. */
  readonly cures: readonly string[];
}

/** Gathers what there is to say. */
export class Notes {
  readonly #sentences: string[] = [];
  readonly #cures = new Set<string>();

  /** What was said so far. */
  get sentences(): readonly string[] {
    return this.#sentences;
  }

  /** What was advised so far, each once. */
  get cures(): readonly string[] {
    return [...this.#cures];
  }

  /** Says a sentence. */
  say(sentence: string): void {
    this.#sentences.push(sentence);
  }

  /** Advises to type a command. */
  advise(command: string): void {
    this.#cures.add(command);
  }
}
