/**
 * What was measured, round by round.
 *
 * @module
 */

/** What a figure says, and of whom. */
export interface Key {
  /** The store. */
  readonly store: string;
  /** What was measured, with its unit. */
  readonly measure: string;
  /** Of whom. */
  readonly contestant: string;
}

/** A figure of every round that has it. */
export interface Row extends Key {
  readonly rounds: ReadonlyMap<number, number>;
}

/** Median and spread. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** All figures of a run. */
export class Samples {
  readonly #rows = new Map<string, Row & { rounds: Map<number, number> }>();

  /** Notes a figure of a round. */
  note({ store, measure, contestant }: Key, round: number, value: number) {
    const id = JSON.stringify([store, measure, contestant]);
    const row = this.#rows.get(id) ??
      { store, measure, contestant, rounds: new Map() };
    row.rounds.set(round, value);
    this.#rows.set(id, row);
  }

  /** All rows, in the order of their first figure. */
  get rows(): readonly Row[] {
    return [...this.#rows.values()];
  }

  /** The figures of one row. */
  rounds({ store, measure, contestant }: Key): ReadonlyMap<number, number> {
    const id = JSON.stringify([store, measure, contestant]);
    return this.#rows.get(id)?.rounds ?? new Map();
  }
}

/** The median and the spread of some figures. */
export function spreadOf(values: Iterable<number>): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    min: sorted[0] ?? NaN,
    max: sorted.at(-1) ?? NaN,
  };
}

/** The figure below which a share of the sorted figures lies. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}
