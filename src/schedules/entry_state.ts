/**
 * What came of an entry so far, as it is kept.
 *
 * @module
 */

/** What came of an entry. Times are epoch ms. */
export interface EntryState {
  /** When it was last sent. */
  readonly lastRunAt: number | null;
  /** The task that was sent last. */
  readonly lastTaskId: string | null;
  /** How often it was sent. */
  readonly totalRuns: number;
  /** Times left out because the task before was not over. */
  readonly skipped: number;
  /** Times left out because no beat ran. */
  readonly missed: number;
  /** The latest time that is over: sent for, or left out. */
  readonly doneUntil: number | null;
}

const FRESH: EntryState = {
  lastRunAt: null,
  lastTaskId: null,
  totalRuns: 0,
  skipped: 0,
  missed: 0,
  doneUntil: null,
};

/** Reads a state. It only counts: one that cannot be read begins anew. */
export function decodeState(text: string): EntryState {
  if (text === "") return FRESH;
  try {
    return { ...FRESH, ...JSON.parse(text) };
  } catch {
    return FRESH;
  }
}

/** Writes a state. */
export function encodeState(state: EntryState): string {
  return JSON.stringify(state);
}
