/**
 * The range of a pool that follows the work.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { show } from "../options.ts";

/** Between how many and how many tasks run at a time. */
export interface AutoscaleRange {
  /** At most so many. */
  readonly max: number;
  /** At least so many; 1 to `max`. */
  readonly min: number;
}

/**
 * The range, if it is one.
 *
 * @throws {ConfigError} for numbers that will not do
 */
export function checkRange({ max, min }: AutoscaleRange): AutoscaleRange {
  for (const [name, value] of [["max", max], ["min", min]] as const) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new ConfigError(
      `The ${name} of autoscale must be a whole number of at least 1, but it is ${
        show(value)
      }`,
    );
  }
  if (min <= max) return { max, min };
  throw new ConfigError(
    `The min of autoscale (${min}) must not be larger than its max (${max})`,
  );
}

/** Reads what a worker says of its range; `null` for what is none. */
export function readRange(value: unknown): AutoscaleRange | null {
  if (typeof value !== "object" || value === null) return null;
  const { max, min } = value as Record<string, unknown>;
  return typeof max === "number" && typeof min === "number"
    ? { max, min }
    : null;
}
