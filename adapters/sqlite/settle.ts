/**
 * How deliveries end. To be called inside a transaction, which makes the
 * whole batch true at once.
 *
 * @module
 */

import type {
  GroupPlan,
  Message,
  ResultRecord,
  SettleAction,
  Settlement,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { buryMessage } from "./dead_letters.ts";
import { addEnds, countEnds, type GroupCounts, openGroups } from "./groups.ts";
import { addMessages, dueOf, lastSeq } from "./messages.ts";
import { putRecords, type StoredRecords } from "./records.ts";
import { firstTuple, textIn } from "./rows.ts";
import { endLease } from "./special.ts";
import { isSpecial, termsIn, termsOut } from "./terms.ts";

// The fence: a lease that was lost, or a message that was deleted and sent
// again, has another token.
const FENCE = "id = ? and consumer = ? and token = ?";
const ACK = `delete from lovage_task where ${FENCE}`;
const RELEASE = `update lovage_task
  set consumer = null, token = null, losses = losses + ?
  where ${FENCE}`;
const REQUEUE = `update lovage_task
  set seq = ?, task = ?, queue = ?, priority = ?, eta = ?, due = ?, body = ?,
    consumer = null, token = null
  where ${FENCE}`;

const TERMS = "select terms from lovage_task where id = ?";
const SET_TERMS = "update lovage_task set terms = ?, line = null where id = ?";

/** What a batch of settlements did. */
export interface Settled {
  /** For each settlement whether its lease held. */
  readonly held: readonly boolean[];
  /** Whether messages were put into queues. */
  readonly queued: boolean;
  /** The records that were stored. */
  readonly stored: StoredRecords;
}

/** Settles a batch of one consumer, one settlement after the other. */
export class Settler {
  readonly #client: Client;
  readonly #consumer: string;
  readonly #now: number;
  readonly #records: ResultRecord[] = [];
  readonly #messages: Message[] = [];
  readonly #pending = new Set<string>();
  readonly #ends: GroupCounts = new Map();
  #ended: string[] = [];
  #inserted = 0;
  #queued = false;

  constructor(client: Client, consumer: string, now: number) {
    this.#client = client;
    this.#consumer = consumer;
    this.#now = now;
  }

  /** Makes the batch true. */
  settle(batch: readonly Settlement[]): Settled {
    const held = batch.map((settlement) => this.#settleOne(settlement));
    this.#flush();
    const stored = { ended: this.#ended, inserted: this.#inserted };
    return { held, queued: this.#queued, stored };
  }

  #settleOne(settlement: Settlement): boolean {
    const { id, token, action, result, publish, groups, ends } = settlement;
    // What was collected so far comes first where the order can be seen.
    const hasTerms = token % 2 !== 0 ||
      (action.kind === "requeue" && isSpecial(action.message));
    if (action.kind === "requeue" || hasTerms || this.#pending.has(id)) {
      this.#flush();
    }
    const ended = hasTerms
      ? this.#actWithTerms(id, token, action)
      : this.#act(id, token, action);
    if (!ended) return false;
    if (result !== undefined) this.#records.push(result);
    for (const message of publish ?? []) {
      this.#messages.push(message);
      this.#pending.add(message.id);
    }
    if (groups !== undefined) this.#open(groups);
    if (ends !== undefined) addEnds(this.#ends, ends);
    return true;
  }

  #open(groups: readonly GroupPlan[]): void {
    // A group that ended just now is over before it begins anew.
    if (groups.some(({ id }) => this.#ends.has(id))) this.#flush();
    openGroups(this.#client, groups);
  }

  /** What it had of limits and keys is given back. */
  #actWithTerms(id: string, token: number, action: SettleAction): boolean {
    const row = firstTuple(this.#client.tuples(TERMS), id);
    if (!this.#act(id, token, action)) return false;
    if (action.kind === "requeue") {
      this.#client.statement(SET_TERMS).run(termsIn(action.message), id);
    }
    endLease(this.#client, id, termsOut(row?.[0]), this.#now);
    return this.#queued = true;
  }

  #act(id: string, token: number, action: SettleAction): boolean {
    const fence = [id, this.#consumer, token] as const;
    switch (action.kind) {
      case "ack":
        return this.#run(ACK, ...fence);
      case "release":
        return this.#run(RELEASE, action.lost ? 1 : 0, ...fence) &&
          (this.#queued = true);
      case "requeue":
        return this.#requeue(action.message, fence) && (this.#queued = true);
      case "dead":
        return buryMessage(this.#client, fence, action, this.#now);
      default:
        return action satisfies never;
    }
  }

  #requeue(
    message: Message,
    fence: readonly [string, string, number],
  ): boolean {
    const { task, queue, priority, eta, body } = message;
    return this.#run(
      REQUEUE,
      lastSeq(this.#client) + 1,
      ...[task, queue, priority, eta],
      dueOf(message, this.#now),
      textIn(body),
      ...fence,
    );
  }

  /** Writes what was collected, by the batch, which is much cheaper. */
  #flush(): void {
    const { ended, inserted } = putRecords(this.#client, this.#records);
    this.#ended = [...this.#ended, ...ended];
    this.#inserted += inserted;
    for (const body of countEnds(this.#client, this.#ends)) {
      this.#messages.push(body);
    }
    if (this.#messages.length > 0) {
      addMessages(this.#client, this.#messages, this.#now);
      this.#queued = true;
    }
    this.#records.length = 0;
    this.#messages.length = 0;
    this.#pending.clear();
    this.#ends.clear();
  }

  #run(
    sql: string,
    ...values: (string | number | null | Uint8Array)[]
  ): boolean {
    return this.#client.statement(sql).run(...values).changes === 1;
  }
}
