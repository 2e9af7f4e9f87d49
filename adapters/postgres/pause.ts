/**
 * How queues are paused and resumed.
 *
 * @module
 */

import type { Clock } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { onceSql, type Operations } from "./operations.ts";
import type { Signals } from "./signals.ts";
import { textArray } from "./text.ts";

/** Pauses queues, and resumes them. */
export class Pausing {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #signals: Signals;
  readonly #operations: Operations;
  readonly #pause: string;
  readonly #resume: string;

  constructor(
    client: Client,
    clock: Clock,
    signals: Signals,
    operations: Operations,
    s: string,
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#signals = signals;
    this.#operations = operations;
    // In one order, so that two of them never wait for each other.
    this.#pause = `with ${onceSql(s, 2)}
      insert into ${s}.paused (queue)
      select queue from unnest($1::text[]) as asked (queue)
      where exists (select 1 from once) order by queue collate "C"
      on conflict (queue) do nothing`;
    this.#resume = `with ${onceSql(s, 2)}, doomed as materialized (
        select ctid from ${s}.paused
        where queue = any ($1::text[]) and exists (select 1 from once)
        order by queue for update
      ), resumed as (
        delete from ${s}.paused
        where ctid = any (array (select ctid from doomed))
      )
      select pg_notify($5::text, $6::text) from once where $6::text is not null`;
  }

  /** Once, however often it is sent: others may have decided since. */
  async pause(queues: readonly string[], paused: boolean): Promise<void> {
    const now = this.#clock.now();
    const names = textArray(queues);
    if (paused) {
      await this.#operations.once(
        now,
        (operation) => this.#client.run(this.#pause, [names, ...operation]),
      );
      return;
    }
    const { channel } = this.#signals;
    const offered = this.#signals.offer(queues);
    await this.#operations.once(
      now,
      (operation) =>
        this.#client.run(
          this.#resume,
          [names, ...operation, channel, offered],
        ),
    );
    this.#signals.queued(queues, offered);
  }
}
