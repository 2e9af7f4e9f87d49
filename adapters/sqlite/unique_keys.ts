/**
 * Which message has a key that only one may have. To be called inside
 * transactions.
 *
 * @module
 */

import type { UniqueKey } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { firstTuple, textOut } from "./rows.ts";

const HOLDER = `select id from lovage_unique_key
  where key = ? and (until is null or until > ?)`;
const TAKE = `insert or replace into lovage_unique_key (key, id, until)
  values (?, ?, ?)`;
const FREE = `delete from lovage_unique_key
  where key = ? and id = ? and until is null`;
const ANY_OLD = `select 1 from lovage_unique_key
  where until is not null and until <= ? limit 1`;
const DROP_OLD = `delete from lovage_unique_key where key in
  (select key from lovage_unique_key
    where until is not null and until <= ? limit ?)`;

/** The id of the message that has a key. */
export function holderOf(
  client: Client,
  key: string,
  now: number,
): string | undefined {
  const row = firstTuple(client.tuples(HOLDER), keyIn(key), now);
  return row === undefined ? undefined : textOut(row[0]);
}

/**
 * Takes a key for a message.
 *
 * @returns whether no other message has it
 */
export function claimKey(
  client: Client,
  { key, until }: UniqueKey,
  id: string,
  now: number,
): boolean {
  const holder = holderOf(client, key, now);
  if (holder !== undefined && holder !== id) return false;
  // One whose time has come is free.
  if (until === null || until > now) {
    client.statement(TAKE).run(keyIn(key), id, until);
  }
  return true;
}

/** Gives a key back that a message has as long as it is live. */
export function freeKey(
  client: Client,
  unique: UniqueKey | undefined,
  id: string,
): void {
  if (unique !== undefined) client.statement(FREE).run(keyIn(unique.key), id);
}

/** Whether keys are kept whose time has come. */
export function hasOldKeys(client: Client, now: number): boolean {
  return firstTuple(client.tuples(ANY_OLD), now) !== undefined;
}

/** Drops such keys. */
export function dropOldKeys(client: Client, now: number, limit: number): void {
  client.statement(DROP_OLD).run(now, limit);
}

/** Any text as one that comes back as it went in. */
function keyIn(key: string): string {
  return JSON.stringify(key);
}
