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
import { markEnds } from "./group_marks.ts";
import { expireGroups, openGroups } from "./groups.ts";
import { checkNames } from "./messages.ts";
import {
  dropRecords,
  putRecords,
  RECORD_COLUMNS,
  toRecord,
} from "./records.ts";
import { queryRecords } from "./result_query.ts";
import { allTuples, firstTuple, textOut } from "./rows.ts";
import type { Signals } from "./signals.ts";

/** How many rows one transaction of `expire` drops. */
const EXPIRE_STEP = 2_000;
/** The same of groups, each of which may have many rows. */
const EXPIRE_GROUPS_STEP = 200;

const FETCH = `select ${RECORD_COLUMNS} from lovage_result where id = ?`;
const EXPIRE = `delete from lovage_result where seq in
  (select seq from lovage_result indexed by lovage_result_expiry
    where expires_at is not null and expires_at <= ?
    order by expires_at limit ?)`;
const TOTAL = "select count(*) from lovage_result";
const OTHERS = `select state, count(*) from lovage_result
  indexed by lovage_result_state where state <> 'SUCCESS' group by state`;

/** Results in a SQLite file. */
export class SqliteResults implements ResultBackend {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #signals: Signals;
  readonly #feed: EndedFeed;

  constructor(
    client: Client,
    clock: Clock,
    signals: Signals,
    feed: EndedFeed,
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#signals = signals;
    this.#feed = feed;
  }

  async store(batch: readonly ResultRecord[]): Promise<void> {
    if (batch.length === 0) return;
    const stored = await this.#client.write(() =>
      putRecords(this.#client, batch)
    );
    this.#signals.settled(false, stored);
  }

  fetch(
    ids: readonly string[],
  ): Promise<readonly (ResultRecord | undefined)[]> {
    return this.#client.read(() => {
      const get = this.#client.tuples(FETCH);
      return ids.map((id) => {
        const row = firstTuple(get, id);
        return row && toRecord(row);
      });
    });
  }

  subscribe(listener: EndedListener): Promise<() => void> {
    return this.#feed.subscribe(listener);
  }

  async forget(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#client.write(() => dropRecords(this.#client, ids));
  }

  query(filter: ResultFilter, page: PageRequest): Promise<Page<ResultRecord>> {
    return this.#client.read(() => queryRecords(this.#client, filter, page));
  }

  countByState(): Promise<Readonly<Record<string, number>>> {
    return this.#client.read(() => {
      const counts: Record<string, number> = {};
      let success = firstTuple(this.#client.tuples(TOTAL))?.[0] as number;
      for (const row of allTuples(this.#client.tuples(OTHERS))) {
        const count = row[1] as number;
        counts[textOut(row[0])] = count;
        success -= count;
      }
      if (success > 0) counts["SUCCESS"] = success;
      return counts;
    });
  }

  async expire(limit: number): Promise<number> {
    const now = this.#clock.now();
    const records = await this.#bySteps(
      limit,
      EXPIRE_STEP,
      (step) => Number(this.#client.statement(EXPIRE).run(now, step).changes),
    );
    const groups = await this.#bySteps(
      limit,
      EXPIRE_GROUPS_STEP,
      (step) => expireGroups(this.#client, now, step),
    );
    return records + groups;
  }

  /** Drops in transactions of a few rows, so that others get a turn. */
  async #bySteps(
    limit: number,
    most: number,
    drop: (step: number) => number,
  ): Promise<number> {
    let total = 0;
    while (total < limit) {
      const step = Math.min(most, limit - total);
      const count = await this.#client.write(() => drop(step));
      total += count;
      if (count < step) break;
    }
    return total;
  }

  async openGroups(plans: readonly GroupPlan[]): Promise<void> {
    if (plans.length === 0) return;
    for (const { body } of plans) checkNames(body);
    await this.#client.write(() => openGroups(this.#client, plans));
  }

  async endMembers(ends: readonly GroupEnd[]): Promise<readonly Message[]> {
    if (ends.length === 0) return [];
    return await this.#client.write(() => markEnds(this.#client, ends));
  }
}
