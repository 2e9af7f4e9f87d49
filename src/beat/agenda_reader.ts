/**
 * Fills the agenda from the store. An entry that cannot be sent is left out
 * and said once; the others are none the worse for it.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Scheduler, ScheduleRecord } from "../contracts/scheduler.ts";
import type { Internals } from "../internals.ts";
import { allRecords } from "../schedules/all_records.ts";
import { decodeEntry, isOfApp } from "../schedules/entry_json.ts";
import { timesOf } from "../schedules/due.ts";
import { checkEntryTask } from "../schedules/write_entry.ts";
import { Turns } from "../service/yield.ts";
import type { Agenda, Item } from "./agenda.ts";

const log = getLogger(["lovage", "beat"]);

/** Others wait no longer than this (ms) while entries are read. */
const LONGEST_STRETCH = 10;

/** Reads entries into an agenda. */
export class AgendaReader {
  readonly #app: Internals;
  readonly #scheduler: Scheduler;
  readonly #agenda: Agenda;
  // The revision of each entry that was complained about.
  readonly #refused = new Map<string, number>();

  /** Reads nothing yet. */
  constructor(app: Internals, scheduler: Scheduler, agenda: Agenda) {
    this.#app = app;
    this.#scheduler = scheduler;
    this.#agenda = agenda;
  }

  /** Reads all entries. */
  async readAll(): Promise<void> {
    const records = await Array.fromAsync(allRecords(this.#scheduler));
    this.#agenda.clear();
    const turns = new Turns(LONGEST_STRETCH);
    for (const record of records) {
      // A worker in the same process has heartbeats to send.
      if (turns.due) await turns.take();
      this.take(record);
    }
  }

  /** Reads these entries again. */
  async read(names: readonly string[]): Promise<void> {
    const records = await this.#scheduler.fetch(names);
    for (const [at, record] of records.entries()) {
      const name = names[at] as string;
      if (record !== null) this.take(record);
      else {
        this.#agenda.remove(name);
        this.#refused.delete(name);
      }
    }
  }

  /** Takes an entry as it is stored. */
  take(record: ScheduleRecord): void {
    if (this.#refused.get(record.name) === record.revision) {
      return this.#agenda.remove(record.name);
    }
    try {
      this.#agenda.set(itemOf(this.#app, record));
      this.#refused.delete(record.name);
    } catch (error) {
      this.refuse(record, error as Error);
    }
  }

  /** Leaves an entry out until it is written again. */
  refuse({ name, revision }: ScheduleRecord, error: Error): void {
    this.#agenda.remove(name);
    if (this.#refused.get(name) === revision) return;
    this.#refused.set(name, revision);
    log.error("{name} is left out: {error}", { name, error: error.message });
  }
}

function itemOf(app: Internals, record: ScheduleRecord): Item {
  const json = decodeEntry(record.name, record.body);
  // The tasks of other apps are for them to know.
  if (isOfApp(json, app.name)) checkEntryTask(app, record.name, json);
  return { record, json, times: timesOf(json) };
}
