/**
 * Walls around jobs, compared by a key.
 *
 * @module
 */

import type { Job, Walls } from "./pool.ts";

/** The walls that a pool has by itself. */
export const NO_WALLS: Walls = { permissions: null, memoryLimit: null };

/** The key of {@linkcode NO_WALLS}. */
export const OWN_WALLS = "|";

/** Walls of the same key are the same. */
export function wallsKey({ permissions, memoryLimit }: Walls): string {
  return permissions === null && memoryLimit === null
    ? OWN_WALLS
    : `${memoryLimit ?? ""}|${permissions ?? ""}`;
}

/** The key of a job's walls. */
export function wallsOf(job: Job): string {
  return wallsKey(job.walls);
}
