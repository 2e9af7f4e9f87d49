/**
 * How the functions of limits are planned, how much they do at once, and what
 * keeps them apart.
 *
 * @module
 */

import { quoteText } from "../text.ts";

/**
 * What the functions are planned with; see `../client.ts`. What is to be first is
 * read from the index that has this order: a planner without statistics takes
 * every other index of what limits hold back for as good, would read all of
 * that, and sort it.
 */
export const PLANNER: string = `set plan_cache_mode = force_generic_plan
      set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
      set enable_hashjoin = off set enable_mergejoin = off set jit = off`;

/** How many events one call reads. */
export const EVENTS = 1_000;
/** How many lines of a queue one call opens for a limit. */
export const OPENED = 100;
/** Held by the one who changes lines. */
export const LOCK = (s: string): string =>
  `pg_advisory_xact_lock(hashtextextended(${
    quoteText(`lovage limits ${s}`)
  }, 0))`;
