/**
 * Fills the agenda from the store. An entry that cannot be sent is left out
 * and said once; the others are none the worse for it.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Scheduler, ScheduleRecord } from "../contracts/scheduler.ts";
import type { Internals } from "../internals.ts";
import { decodeEntry } from "../schedules/entry_json.ts";
import { timesOf } from "../schedules/due.ts";
import { checkEntryTask } from "../schedules/write_entry.ts";
import type { Agenda, Item } from "./agenda.ts";

const log = getLogger(["lovage", "beat"]);

const PAGE = 1_000;

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
    const records: ScheduleRecord[] = [];
    let after: string | null = null;
    do {
      const page = await this.#scheduler.list(after, PAGE);
      records.push(...page.records);
      after = page.next;
    } while (after !== null);
    this.#agenda.clear();
    for (const record of records) this.take(record);
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
  checkEntryTask(app, record.name, json);
  return { record, json, times: timesOf(json) };
}
