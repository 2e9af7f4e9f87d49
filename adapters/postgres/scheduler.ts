/**
 * The scheduler: each call is one statement, so that an entry has moved on if,
 * and only if, its messages are in their queues.
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
import { Entries } from "./entries.ts";
import { Firings } from "./firings.ts";
import { Leaders } from "./leaders.ts";
import { Operations } from "./operations.ts";
import type { Signals } from "./signals.ts";
import { quoteName } from "./text.ts";

/** Schedule entries in a PostgreSQL schema. */
export class PostgresScheduler implements Scheduler {
  readonly #entries: Entries;
  readonly #firings: Firings;
  readonly #leaders: Leaders;

  /**
   * @param leaseClock by which leases end; `null` is the server's own, on
   * which all processes agree
   */
  constructor(
    client: Client,
    clock: Clock,
    signals: Signals,
    leaseClock: Clock | null,
  ) {
    const s = quoteName(client.schema);
    const operations = new Operations(client, s);
    this.#entries = new Entries(client, clock, operations, s);
    this.#firings = new Firings(client, clock, signals, operations, s);
    this.#leaders = new Leaders(client, leaseClock, s);
  }

  put(batch: readonly SchedulePut[]): Promise<readonly (number | null)[]> {
    return this.#entries.put(batch);
  }

  remove(names: readonly string[]): Promise<readonly boolean[]> {
    return this.#entries.remove(names);
  }

  fetch(names: readonly string[]): Promise<readonly (ScheduleRecord | null)[]> {
    return this.#entries.fetch(names);
  }

  list(after: string | null, limit: number): Promise<SchedulePage> {
    return this.#entries.list(after, limit);
  }

  fire(batch: readonly Firing[]): Promise<readonly boolean[]> {
    return this.#firings.fire(batch);
  }

  lead(candidate: Candidate): Promise<Leadership> {
    return this.#leaders.lead(candidate);
  }

  resign(id: string): Promise<void> {
    return this.#leaders.resign(id);
  }

  leader(): Promise<Leadership> {
    return this.#leaders.leader();
  }
}
