/**
 * The result backend.
 *
 * @module
 */

import type {
  Clock,
  EndedListener,
  GroupEnd,
  GroupPlan,
  Message,
  Page,
  PageRequest,
  ResultBackend,
  ResultFilter,
  ResultRecord,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import type { EndedFeed } from "./ended_feed.ts";
import { Members } from "./members.ts";
import type { Recorded } from "./recorded.ts";
import {
  keepSql,
  latestOf,
  PARAM_COLUMNS,
  paramArrays,
  RECORD_COLUMNS,
  recordParams,
  toRecord,
} from "./records.ts";
import { queryRecords } from "./result_query.ts";
import { quoteName, textArray, textOut } from "./text.ts";

/** How many rows one statement of `expire` drops. */
const EXPIRE_STEP = 5_000;

/** Results in a PostgreSQL schema. */
export class PostgresResults implements ResultBackend {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #feed: EndedFeed;
  readonly #recorded: Recorded;
  readonly #members: Members;
  readonly #schema: string;
  readonly #store: string;
  readonly #fetch: string;
  readonly #forget: string;
  readonly #count: string;
  readonly #expire: string;

  constructor(
    client: Client,
    clock: Clock,
    feed: EndedFeed,
    recorded: Recorded,
  ) {
    const s = quoteName(client.schema);
    this.#client = client;
    this.#clock = clock;
    this.#feed = feed;
    this.#recorded = recorded;
    this.#members = new Members(client, s);
    this.#schema = s;
    this.#store = `with input as (
        select * from unnest(${paramArrays(1).join(", ")})
          as i (${PARAM_COLUMNS.join(", ")})
      ), ${keepSql(s, "input", "")}, told as (
        select pg_notify($11::text, payload)
        from unnest($12::text[]) as payload
      )
      select count(*) from told`;
    this.#fetch = `select ${RECORD_COLUMNS} from ${s}.result
      where id = any ($1::text[])`;
    this.#forget = `delete from ${s}.result where id = any ($1::text[])`;
    // All but the rare states are what is left of the total: to count one
    // index from end to end is the least that an exact answer takes.
    this.#count = `select 'SUCCESS', count(*)::int - (
        select count(*) from ${s}.result where state <> 'SUCCESS')::int
      from ${s}.result
      union all
      select state, count(*)::int from ${s}.result
      where state <> 'SUCCESS' group by state`;
    this.#expire = `with dropped as (
        delete from ${s}.result where ctid = any (array (
          select ctid from ${s}.result
          where expires_at is not null and expires_at <= $1::bigint
          order by expires_at limit $2::int for update skip locked))
        returning 1
      )
      select count(*)::int from dropped`;
  }

  async store(batch: readonly ResultRecord[]): Promise<void> {
    if (batch.length === 0) return;
    const records = latestOf(batch);
    const ended = records.filter((record) => record.ended)
      .map((record) => record.id);
    this.#recorded.storing(records);
    await this.#client.run(this.#store, [
      ...recordParams(records),
      this.#feed.channel,
      textArray(this.#feed.payloads(ended)),
    ]);
    this.#feed.stored(ended);
  }

  async fetch(
    ids: readonly string[],
  ): Promise<readonly (ResultRecord | undefined)[]> {
    if (ids.length === 0) return [];
    const rows = await this.#client.run(this.#fetch, [textArray(ids)]);
    const found = new Map(
      rows.map((row) => [textOut(row[0]), toRecord(row)]),
    );
    return ids.map((id) => found.get(id));
  }

  subscribe(listener: EndedListener): Promise<() => void> {
    return this.#feed.subscribe(listener);
  }

  async forget(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#client.run(this.#forget, [textArray(ids)]);
  }

  query(filter: ResultFilter, page: PageRequest): Promise<Page<ResultRecord>> {
    return queryRecords(this.#client, this.#schema, filter, page);
  }

  async countByState(): Promise<Readonly<Record<string, number>>> {
    const rows = await this.#client.run(this.#count);
    return Object.fromEntries(
      rows.filter((row) => Number(row[1]) > 0)
        .map((row) => [textOut(row[0]), Number(row[1])]),
    );
  }

  async expire(limit: number): Promise<number> {
    const now = this.#clock.now();
    let total = 0;
    while (total < limit) {
      const step = Math.min(EXPIRE_STEP, limit - total);
      const rows = await this.#client.run(this.#expire, [now, step]);
      const count = Number(rows[0]?.[0] ?? 0);
      total += count;
      if (count < step) break;
    }
    return total + await this.#members.expire(limit, now);
  }

  async openGroups(plans: readonly GroupPlan[]): Promise<void> {
    await this.#members.open(plans);
  }

  async endMembers(ends: readonly GroupEnd[]): Promise<readonly Message[]> {
    return await this.#members.end(ends);
  }
}
