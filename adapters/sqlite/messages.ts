/**
 * How messages enter the task table. To be called inside transactions.
 *
 * @module
 */

import type { SQLInputValue } from "node:sqlite";
import type { Message } from "../../src/contracts/mod.ts";
import { StoreError } from "../../src/errors.ts";
import type { Client } from "./client.ts";
import { dropEnded } from "./records.ts";
import { addSpecial, replaceMessage } from "./special.ts";
import { isSpecial } from "./terms.ts";
import {
  firstTuple,
  type Insert,
  insertRows,
  isKeepable,
  textIn,
} from "./rows.ts";

const INSERT: Insert = {
  into: "insert into lovage_task " +
    "(id, task, queue, priority, eta, due, body)",
  columns: 7,
  tail: " on conflict (id) do nothing",
};

const LAST = "select coalesce(max(seq), 0) from lovage_task";
const SEQ = "select seq from lovage_task where id = ?";
const MAKE_DUE = "update lovage_task set seq = ?, due = null where seq = ?";

/**
 * Adds messages whose ids are not live, and whose keys no other message has.
 * What is known of earlier runs of their ids, ended, is dropped: these tasks
 * start over.
 *
 * @returns for each message whether it was added
 */
export function addMessages(
  client: Client,
  batch: readonly Message[],
  now: number,
): boolean[] {
  if (batch.length === 0) return [];
  return batch.some(isSpecial)
    ? batch.map((message) => addOne(client, message, now))
    : addPlain(client, batch, now);
}

/** One after the other: each may have a key that the next one wants. */
function addOne(client: Client, message: Message, now: number): boolean {
  if (!isSpecial(message)) return addPlain(client, [message], now)[0] === true;
  const due = dueOf(message, now);
  if (message.replace) {
    return replaceMessage(client, message, due, lastSeq(client) + 1, now);
  }
  const added = addSpecial(client, message, due, now);
  if (added) dropEnded(client, [message.id]);
  return added;
}

function addPlain(
  client: Client,
  batch: readonly Message[],
  now: number,
): boolean[] {
  const before = lastSeq(client);
  const values: SQLInputValue[] = [];
  for (const message of batch) pushValues(values, message, now);
  const inserted = insertRows(client, INSERT, values);
  if (inserted === batch.length) {
    dropEnded(client, batch.map((message) => message.id));
    return batch.map(() => true);
  }
  const added = whichAreNew(client, batch, before);
  const fresh = batch.filter((_, index) => added[index]);
  dropEnded(client, fresh.map((message) => message.id));
  return added;
}

/** The greatest number of arrival among the live messages. */
export function lastSeq(client: Client): number {
  return firstTuple(client.tuples(LAST))?.[0] as number;
}

/** Makes a scheduled message ready: it arrives anew, under this number. */
export function makeDue(client: Client, old: number, seq: number): void {
  client.statement(MAKE_DUE).run(seq, old);
}

/** The time that a message waits for, if that lies ahead. */
export function dueOf(message: Message, now: number): number | null {
  return message.eta !== null && message.eta > now ? message.eta : null;
}

/** Throws if a message holds a name that the table would not give back. */
export function checkNames(message: Message): void {
  const { id, task, queue } = message;
  for (const [name, text] of Object.entries({ id, task, queue })) {
    checkName(name, text);
  }
}

/** Throws if a table would not give this text back; `name` says what it is. */
export function checkName(name: string, text: string): void {
  if (isKeepable(text)) return;
  throw new StoreError(
    `The ${name} ${JSON.stringify(text)} holds a NUL or half a surrogate ` +
      `pair, which SQLite cannot keep: take another ${name}`,
    { transient: false },
  );
}

/** Tells the rows that came just now by their numbers. */
function whichAreNew(
  client: Client,
  batch: readonly Message[],
  before: number,
): boolean[] {
  const seqOf = client.tuples(SEQ);
  const seen = new Set<string>();
  return batch.map(({ id }) => {
    if (seen.has(id)) return false;
    seen.add(id);
    return (firstTuple(seqOf, id)?.[0] as number) > before;
  });
}

function pushValues(
  values: SQLInputValue[],
  message: Message,
  now: number,
): void {
  const { id, task, queue, priority, eta, body } = message;
  values.push(
    ...[id, task, queue, priority, eta],
    dueOf(message, now),
    textIn(body),
  );
}
