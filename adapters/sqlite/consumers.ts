/**
 * Consumers and their leases. To be called inside transactions.
 *
 * @module
 */

import type {
  Cancellation,
  ConsumerInfo,
  HeartbeatReply,
  ReapedConsumer,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { allTuples, firstTuple, textOut } from "./rows.ts";
import { endLease } from "./special.ts";
import { termsOut } from "./terms.ts";

/** How long a consumer that never sent a heartbeat may be silent, in ms. */
const UNREGISTERED_LEASE = 60_000;

const IS_KNOWN = "select registered from lovage_consumer where id = ?";
const BEAT = `insert or replace into lovage_consumer
  (id, name, lease, details, seen_at, registered) values (?, ?, ?, ?, ?, 1)`;
const MEET = `insert into lovage_consumer
  (id, name, lease, details, seen_at, registered)
  values (?1, ?1, ${UNREGISTERED_LEASE}, '{}', ?2, 0)
  on conflict (id) do nothing`;
const DROP = "delete from lovage_consumer where id = ?";
const LAPSED = `select id, name from lovage_consumer
  where seen_at + lease <= ? order by id`;
const HELD = `indexed by lovage_task_held
  where consumer = ? and consumer is not null`;
const CANCELLATIONS = `select id, cancelled from lovage_task ${HELD}
  and cancelled > 0 order by seq`;
const HELD_IDS = `select id from lovage_task ${HELD} order by seq`;
const HELD_TERMS = `select id, terms from lovage_task ${HELD}
  and terms is not null order by seq`;
const RETURN = `update lovage_task
  set consumer = null, token = null, losses = losses + ?
  where seq in (select seq from lovage_task ${HELD})`;

/** Registers a consumer or renews its leases. */
export function beat(
  client: Client,
  { id, name, lease, details }: ConsumerInfo,
  now: number,
): HeartbeatReply {
  const known = firstTuple(client.tuples(IS_KNOWN), id)?.[0] === 1;
  client.statement(BEAT).run(id, name, lease, JSON.stringify(details), now);
  const cancellations = allTuples(client.tuples(CANCELLATIONS), id)
    .map(([task, flag]): Cancellation => (
      { id: textOut(task), terminate: flag === 2 }
    ));
  return { known, cancellations };
}

/**
 * Makes sure that leases of this consumer can lapse, also when it reserves
 * before its first heartbeat or after it was reaped.
 */
export function meet(client: Client, consumer: string, now: number): void {
  client.statement(MEET).run(consumer, now);
}

/** Forgets a consumer and puts back what it holds, without a loss. */
export function dismiss(client: Client, consumer: string, now: number): void {
  returnAll(client, consumer, 0, now);
}

/** Puts back what a consumer holds, and forgets it. */
function returnAll(
  client: Client,
  consumer: string,
  losses: number,
  now: number,
): void {
  const special = allTuples(client.tuples(HELD_TERMS), consumer);
  client.statement(DROP).run(consumer);
  client.statement(RETURN).run(losses, consumer);
  for (const [id, terms] of special) {
    endLease(client, textOut(id), termsOut(terms), now);
  }
}

/** Whether a consumer has been silent for longer than its lease. */
export function hasLapsed(client: Client, now: number): boolean {
  return firstTuple(client.tuples(LAPSED), now) !== undefined;
}

/** Takes back what silent consumers hold, and counts the losses. */
export function reapLapsed(client: Client, now: number): ReapedConsumer[] {
  return allTuples(client.tuples(LAPSED), now).map((row) => {
    const id = textOut(row[0]);
    const returned = allTuples(client.tuples(HELD_IDS), id)
      .map(([task]) => textOut(task));
    returnAll(client, id, 1, now);
    return { id, name: textOut(row[1]), returned };
  });
}
