/**
 * The history port: what was counted, over time. Statistics, no facts: what
 * was counted and not yet told is lost with a process that is killed.
 *
 * @module
 */

/** What was counted of one series within one span of time. */
export interface HistoryCounts {
  /** The length of the span, in ms; 0 is all of time. */
  readonly step: number;
  /** When the span begins (epoch ms), a multiple of its length. */
  readonly at: number;
  /** What it is about; the store does not look into it. */
  readonly series: string;
  /** Whole numbers, each with a meaning by its place. */
  readonly counts: readonly number[];
}

/** What is old enough to be dropped. */
export interface HistoryDrop {
  /** Of spans of this length … */
  readonly step: number;
  /** … those that begin before then (epoch ms). */
  readonly before: number;
}

/** Which counts to read. */
export interface HistoryQuery {
  /** Of spans of this length. */
  readonly step: number;
  /** Those that begin then or later (epoch ms). */
  readonly from: number;
  /** Those that begin before then (epoch ms). */
  readonly to: number;
}

/** Keeps what was counted. */
export interface History {
  /**
   * Adds counts to those that are there, place by place; a list that is
   * longer than the other counts as if that ended in zeros. Drops what is old.
   */
  add(
    batch: readonly HistoryCounts[],
    drop: readonly HistoryDrop[],
  ): Promise<void>;
  /** Reads counts, by time and then by series. */
  read(query: HistoryQuery): Promise<readonly HistoryCounts[]>;
}
