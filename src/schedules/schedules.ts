/**
 * The schedule of an app as its programs read and change it. Beats take
 * changes over within a second, wherever they run.
 *
 * @module
 */

import type { SchedulePut, ScheduleRecord } from "../contracts/scheduler.ts";
import type { Store } from "../contracts/store.ts";
import { ScheduleError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { loadModule } from "../lazy.ts";
import { nearest } from "../options.ts";
import type { AsyncResult } from "../producer/async_result.ts";
import { signatureFromJson } from "../producer/signature.ts";
import { allRecords } from "./all_records.ts";
import { tellChange } from "./changes.ts";
import { editedEntry } from "./edit_entry.ts";
import type { EntryInput, ScheduleEntry } from "./entry.ts";
import { withEntryHeader } from "./entry_header.ts";
import {
  decodeEntry,
  type EntryJson,
  entryOf,
  readableEntry,
} from "./entry_json.ts";
import {
  checkEntryArguments,
  checkEntryName,
  checkEntryTask,
  writeEntry,
} from "./write_entry.ts";

const PAGE = 1_000;

/** Entries of the schedule: list, write, switch, run. */
export class Schedules {
  readonly #app: Internals;

  /** Nothing is connected yet. */
  constructor(app: Internals) {
    this.#app = app;
  }

  /**
   * Adds an entry.
   *
   * @throws {ScheduleError} when it will not do, or there is one of its name
   */
  async add(name: string, input: EntryInput): Promise<ScheduleEntry> {
    const now = await this.#now();
    const json = await this.#written(name, input, now);
    const { firstPut } = await loadPuts();
    const put = firstPut(name, json, now);
    const [revision] = await this.#put([{ ...put, expected: null }]);
    if (revision === null) {
      throw new ScheduleError(
        `There is a schedule entry "${name}" already: choose another name, or change it with edit()`,
      );
    }
    return await this.#existing(name);
  }

  /**
   * Writes entries, new or not, all checked before the first is written. What
   * came of them so far stays.
   *
   * @throws {ScheduleError} when one will not do, or is written in code
   */
  async put(entries: Readonly<Record<string, EntryInput>>): Promise<void> {
    const { scheduler } = await this.#store();
    const now = await this.#now();
    const written: [string, EntryJson][] = [];
    for (const [name, input] of Object.entries(entries)) {
      written.push([name, await this.#written(name, input, now)]);
    }
    const { changedPut, firstPut } = await loadPuts();
    const stored = await scheduler.fetch(written.map(([name]) => name));
    const puts = written.map(([name, json], at) => {
      const record = stored[at] ?? null;
      if (record !== null) refuseStatic(record, "change it there");
      return record === null
        ? { ...firstPut(name, json, now), expected: null }
        : changedPut(record, json, now);
    });
    const revisions = await this.#put(puts);
    const late = puts.find((_, at) => revisions[at] === null);
    if (late !== undefined) throw changedMeanwhile(late.name);
  }

  /**
   * Changes an entry; what is not given stays.
   *
   * @throws {ScheduleError} when there is none, it is written in code, it was
   * changed by somebody else meanwhile, or the change will not do
   */
  async edit(
    name: string,
    changes: Partial<EntryInput>,
  ): Promise<ScheduleEntry> {
    return await this.#rewrite(name, async (record, before, now) => {
      refuseStatic(record, "change it there, or disable it");
      const input = editedEntry(this.#app, before, changes);
      const json = await this.#written(name, input, now);
      return changes.enabled === undefined
        ? { ...json, enabled: before.enabled, declared: before.declared }
        : json;
    });
  }

  /** An entry; `null` if there is none. */
  async get(name: string): Promise<ScheduleEntry | null> {
    const { scheduler } = await this.#store();
    const [record] = await scheduler.fetch([name]);
    return record ? entryOf(record) : null;
  }

  /**
   * All entries by name, read page by page. One that cannot be read throws,
   * unless it is looked at by `onUnreadable`.
   */
  async *list(
    onUnreadable: (name: string, error: Error) => void = (_, error) => {
      throw error;
    },
  ): AsyncGenerator<ScheduleEntry> {
    const { scheduler } = await this.#store();
    for await (const record of allRecords(scheduler)) {
      let entry: ScheduleEntry;
      try {
        entry = entryOf(record);
      } catch (error) {
        onUnreadable(record.name, error as Error);
        continue;
      }
      yield entry;
    }
  }

  /**
   * Removes entries.
   *
   * @returns for each whether there was one
   * @throws {ScheduleError} for one that is written in code
   */
  async remove(...names: readonly string[]): Promise<readonly boolean[]> {
    const store = await this.#store();
    for (const record of await store.scheduler.fetch(names)) {
      if (record === null) continue;
      refuseStatic(record, "remove it there, or disable it");
    }
    const removed = await store.scheduler.remove(names);
    if (removed.includes(true)) await tellChange(store, names);
    return removed;
  }

  /**
   * Switches an entry on; its next time is the first one from now.
   *
   * @throws {ScheduleError} when there is none
   */
  async enable(name: string): Promise<ScheduleEntry> {
    return await this.#rewrite(
      name,
      (_, json) => ({ ...json, enabled: true }),
      true,
    );
  }

  /**
   * Switches an entry off; it stays off until it is switched on.
   *
   * @throws {ScheduleError} when there is none
   */
  async disable(name: string): Promise<ScheduleEntry> {
    return await this.#rewrite(
      name,
      (_, json) => ({ ...json, enabled: false }),
    );
  }

  /**
   * Sends the task of an entry once, now, beside its schedule.
   *
   * @throws {ScheduleError} when there is none
   */
  async runNow<R = unknown>(name: string): Promise<AsyncResult<R>> {
    const { scheduler } = await this.#store();
    const [record] = await scheduler.fetch([name]);
    if (!record) throw await this.#unknown(name);
    const { signature } = decodeEntry(name, record.body);
    const { producer } = this.#app;
    const { task, args, options } = signatureFromJson(producer, signature);
    return await producer.send<R>(task, args, withEntryHeader(options, name));
  }

  /**
   * The next times of an entry, in the order in which they come: as stored,
   * whether or not it is enabled.
   *
   * @param count how many at most
   * @param after from when on; defaults to now
   * @throws {ScheduleError} when there is none
   */
  async next(
    name: string,
    count: number = 1,
    after: Date = new Date(this.#app.clock().now()),
  ): Promise<readonly Date[]> {
    const { scheduler } = await this.#store();
    const [record] = await scheduler.fetch([name]);
    if (!record) throw await this.#unknown(name);
    const { timesAfter } = await loadPuts();
    const json = decodeEntry(name, record.body);
    // A one-off that was sent has times still, but is due at none of them.
    if (json.enabled && record.dueAt === null) return [];
    return timesAfter(json, count, after.getTime());
  }

  /** Who sends now: the name of the leading beat, or `null`. */
  async leader(): Promise<string | null> {
    const { scheduler } = await this.#store();
    const { id, name } = await scheduler.leader();
    return id === null ? null : name;
  }

  async #written(
    name: string,
    input: EntryInput,
    now: number,
  ): Promise<EntryJson> {
    const json = writeEntry(this.#app, name, input, now);
    checkEntryTask(this.#app, name, json);
    await checkEntryArguments(this.#app, json);
    return json;
  }

  async #rewrite(
    name: string,
    change: (
      record: ScheduleRecord,
      before: EntryJson,
      now: number,
    ) => EntryJson | Promise<EntryJson>,
    again: boolean = false,
  ): Promise<ScheduleEntry> {
    const { scheduler } = await this.#store();
    const [record] = await scheduler.fetch([name]);
    if (!record) throw await this.#unknown(name);
    const now = await this.#now();
    const json = await change(record, decodeEntry(name, record.body), now);
    const { changedPut, firstPut } = await loadPuts();
    const { revision: expected } = record;
    const put = again && record.dueAt === null
      ? { ...firstPut(name, json, now), expected }
      : changedPut(record, json, now);
    const [revision] = await this.#put([put]);
    if (revision === null) throw changedMeanwhile(name);
    return await this.#existing(name);
  }

  async #put(
    puts: readonly SchedulePut[],
  ): Promise<readonly (number | null)[]> {
    const store = await this.#store();
    const revisions = await store.scheduler.put(puts);
    if (revisions.some((each) => each !== null)) {
      await tellChange(store, puts.map(({ name }) => name));
    }
    return revisions;
  }

  async #existing(name: string): Promise<ScheduleEntry> {
    const entry = await this.get(name);
    if (entry === null) throw await this.#unknown(name);
    return entry;
  }

  async #unknown(name: string): Promise<ScheduleError> {
    checkEntryName(name);
    const { scheduler } = await this.#store();
    const { records } = await scheduler.list(null, PAGE);
    const near = nearest(name, records.map((each) => each.name));
    return new ScheduleError(
      `There is no schedule entry "${name}". ${
        near === undefined
          ? records.length === 0
            ? "There is none at all; entries of an app's code are stored when beat starts"
            : "See: lovage schedule list"
          : `Did you mean "${near}"?`
      }`,
    );
  }

  async #store(): Promise<Store> {
    const { stores } = this.#app;
    return (stores.opened ?? await stores.open()).broker;
  }

  // Beats go by the time of the store.
  async #now(): Promise<number> {
    const { scheduler } = await this.#store();
    return (await scheduler.leader()).now;
  }
}

// Cron arithmetic is not for every bundle.
function loadPuts(): Promise<typeof import("./puts.ts")> {
  return loadModule("./schedules/puts");
}

function changedMeanwhile(name: string): ScheduleError {
  return new ScheduleError(
    `The schedule entry "${name}" was changed by somebody else at the same time: look at it again`,
  );
}

function refuseStatic(record: ScheduleRecord, instead: string): void {
  const app = readableEntry(record)?.app ?? null;
  if (app === null) return;
  throw new ScheduleError(
    `The schedule entry "${record.name}" is written in the code of app "${app}" (beatSchedule or addPeriodicTask): ${instead}`,
  );
}
