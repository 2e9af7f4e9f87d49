/**
 * The scheduler: a firing is one transaction, so that an entry has moved on
 * if, and only if, its messages are in their queues.
 *
 * @module
 */

import type {
  Candidate,
  Clock,
  Firing,
  Leadership,
  SchedulePage,
  SchedulePut,
  Scheduler,
  ScheduleRecord,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { readLead, resignLead, takeLead } from "./scheduler_row.ts";
import { addMessages, checkNames } from "./messages.ts";
import {
  fetchEntries,
  fireEntries,
  listEntries,
  putEntries,
  removeEntries,
} from "./schedules.ts";
import type { Signals } from "./signals.ts";

/** Schedule entries in a SQLite file. */
export class SqliteScheduler implements Scheduler {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #signals: Signals;

  constructor(client: Client, clock: Clock, signals: Signals) {
    this.#client = client;
    this.#clock = clock;
    this.#signals = signals;
  }

  async put(
    batch: readonly SchedulePut[],
  ): Promise<readonly (number | null)[]> {
    if (batch.length === 0) return [];
    return await this.#client.write(() => putEntries(this.#client, batch));
  }

  async remove(names: readonly string[]): Promise<readonly boolean[]> {
    if (names.length === 0) return [];
    return await this.#client.write(() => removeEntries(this.#client, names));
  }

  fetch(names: readonly string[]): Promise<readonly (ScheduleRecord | null)[]> {
    return this.#client.read(() => fetchEntries(this.#client, names));
  }

  list(after: string | null, limit: number): Promise<SchedulePage> {
    return this.#client.read(() => listEntries(this.#client, after, limit));
  }

  async fire(batch: readonly Firing[]): Promise<readonly boolean[]> {
    if (batch.length === 0) return [];
    for (const { messages } of batch) messages.forEach(checkNames);
    const { fired, messages } = await this.#client.write(() => {
      const done = fireEntries(this.#client, batch);
      addMessages(this.#client, done.messages, this.#clock.now());
      return done;
    });
    if (messages.length > 0) {
      this.#signals.work(messages.map((message) => message.queue));
    }
    return fired;
  }

  async lead(candidate: Candidate): Promise<Leadership> {
    // Whoever does not lead asks often: that takes no lock.
    const held = await this.leader();
    if (held.id !== null && held.id !== candidate.id) return held;
    // Void when the machine goes down, as all leases are then.
    return this.#client.write(
      () => takeLead(this.#client, candidate, this.#clock.now()),
      "process",
    );
  }

  resign(id: string): Promise<void> {
    return this.#client.write(() => resignLead(this.#client, id), "process");
  }

  leader(): Promise<Leadership> {
    return this.#client.read(() => readLead(this.#client, this.#clock.now()));
  }
}
