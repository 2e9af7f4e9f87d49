/**
 * All entries of a store, read page by page.
 *
 * @module
 */

import type { Scheduler, ScheduleRecord } from "../contracts/scheduler.ts";

const PAGE = 1_000;

/** The entries by name, as they are kept. */
export async function* allRecords(
  scheduler: Scheduler,
): AsyncGenerator<ScheduleRecord> {
  let after: string | null = null;
  do {
    const page = await scheduler.list(after, PAGE);
    yield* page.records;
    after = page.next;
  } while (after !== null);
}
