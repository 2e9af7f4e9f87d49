/**
 * Dead letters as they are shown. Points in time are epoch milliseconds.
 *
 * @module
 */

/** A message that can never run. */
export interface DeadRow {
  /** Its key among the dead letters. */
  readonly key: string;
  /** The id of the task. */
  readonly id: string;
  /** The name of the task. */
  readonly name: string;
  /** Its queue. */
  readonly queue: string;
  /** The kind of trouble: the name of an error class. */
  readonly reason: string;
  /** What was wrong. */
  readonly detail: string;
  /** Workers that were lost with it. */
  readonly losses: number;
  /** When it was taken out. */
  readonly diedAt: number;
  /** Its message as text, cut. */
  readonly message: string;
}

/** A page of dead letters, the latest first. */
export interface DeadPage {
  /** The letters. */
  readonly letters: readonly DeadRow[];
  /** Where to go on; `null` at the end. */
  readonly cursor: string | null;
}
