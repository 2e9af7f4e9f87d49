/**
 * Brings the store up to date with the entries of the app's code.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { ScheduleRecord } from "../contracts/scheduler.ts";
import type { Store } from "../contracts/store.ts";
import type { Internals } from "../internals.ts";
import { allRecords } from "../schedules/all_records.ts";
import { tellChange } from "../schedules/changes.ts";
import { mergeStatic } from "../schedules/merge_static.ts";

const log = getLogger(["lovage", "beat"]);

/**
 * Stores what is new or was changed in the code, and removes what is not in
 * it any more.
 *
 * @param now the store's time, epoch ms
 * @throws {ScheduleError} when an entry of the code will not do
 */
export async function storeStatic(
  app: Internals,
  store: Store,
  now: number,
): Promise<void> {
  const { scheduler } = store;
  const written = await app.staticEntries.all(now);
  const stored = new Map<string, ScheduleRecord>();
  for await (const record of allRecords(scheduler)) {
    stored.set(record.name, record);
  }
  const { puts, removed, taken } = mergeStatic(app.name, written, stored, now);
  for (const { name, app: other } of taken) {
    log.error(
      "{name} is left out: app {other} has a schedule entry of this name, and entries are unique in a store",
      { name, other },
    );
  }
  if (puts.length > 0) await scheduler.put(puts);
  if (removed.length > 0) {
    await scheduler.remove(removed);
    log.warn("Removed {names}: the app's code does not have them any more", {
      names: removed,
    });
  }
  const names = [...puts.map(({ name }) => name), ...removed];
  if (names.length > 0) await tellChange(store, names);
}
