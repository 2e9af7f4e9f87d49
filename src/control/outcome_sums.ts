/**
 * What a worker's tasks came to, as it tells with its heartbeat.
 *
 * @module
 */

/** How many tasks of a worker ended how. */
export interface OutcomeSums {
  /** Those that returned. */
  readonly succeeded: number;
  /** Those that failed for good, were refused or lost. */
  readonly failed: number;
  /** Runs that are to be repeated. */
  readonly retried: number;
}

/** Sums up what a worker has counted by kind of outcome. */
export function outcomeSums(
  ended: Readonly<Record<string, number>>,
): OutcomeSums {
  const of = (kind: string) => ended[kind] ?? 0;
  return {
    succeeded: of("success"),
    failed: of("failure") + of("lost") + of("reject"),
    retried: of("retry"),
  };
}
