/**
 * The inspector.
 *
 * @module
 */

import type {
  Clock,
  ConsumerStats,
  Inspector,
  Limit,
  LimitState,
  LiveFilter,
  LiveTask,
  Page,
  PageRequest,
  QueueStats,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { listLive, LIVE_COLUMNS, toLive } from "./live_tasks.ts";
import { LIMITS_MARK } from "./limits_mark.ts";
import { timeSql } from "./server_time.ts";
import { limitRow } from "./terms.ts";
import { quoteName, quoteText, textArray, textOut } from "./text.ts";

/** Views of a PostgreSQL schema. */
export class PostgresInspector implements Inspector {
  readonly #client: Client;
  readonly #schema: string;
  readonly #find: string;
  readonly #queues: string;
  readonly #consumers: string;
  readonly #limits: string;
  readonly #clock: Clock;
  readonly #given: Clock | null;

  /** @param given what rates are measured by, in place of the server's clock */
  constructor(client: Client, clock: Clock, given: Clock | null) {
    const s = quoteName(client.schema);
    this.#client = client;
    this.#clock = clock;
    this.#given = given;
    this.#limits = `with clock as materialized (
        select ${timeSql("$2::bigint")} as now
      )
      select room::float8, (opens_at - now)::float8, case
          when asked.terms ->> 0 = 'c' then (
            select count(*) from ${s}.limit_holder as h
            where h.key = ${s}.limit_key(asked.terms ->> 1))
          else (select coalesce(sum(taken), 0) from ${s}.limit_start as l
            where l.key = ${s}.limit_key(asked.terms ->> 1)
              and ended > now - (asked.terms ->> 3)::bigint)
        end::float8, case when asked.terms ->> 0 = 'c' then (
          select json_agg(id)::text from (
            select id from ${s}.limit_holder as h
            where h.key = ${s}.limit_key(asked.terms ->> 1) limit 100
          ) as first) end
      from clock cross join json_array_elements($1::text::json)
        with ordinality as asked (terms, place)
        cross join lateral ${s}.limit_room(asked.terms, now)
      order by place`;
    this.#schema = s;
    this.#find = `select ${LIVE_COLUMNS} from ${s}.task
      where id = any ($1::text[])`;
    // Each count reads one of the partial indexes, and no rows.
    this.#queues = `select queue, sum(queued)::int, sum(scheduled)::int,
        sum(running)::int, bool_or(paused)
      from (
        select queue, count(*) as queued, 0 as scheduled, 0 as running,
          false as paused
        from ${s}.task where consumer is null and due is null
          and line is null group by queue
        union all
        select queue, count(*), 0, 0, false
        from ${s}.task where consumer is null and due is null
          and line is not null group by queue
        union all
        select queue, 0, count(*), 0, false
        from ${s}.task where consumer is null and due is not null
        group by queue
        union all
        select queue, 0, 0, count(*), false
        from ${s}.task where consumer is not null group by queue
        union all
        select queue, 0, 0, 0, true from ${s}.paused
        where queue <> ${quoteText(LIMITS_MARK)}
      ) as part group by queue order by queue`;
    this.#consumers = `select id, name, lease::float8, details,
        seen_at::float8, (
          select count(*)::int from ${s}.task
          where consumer is not null and task.consumer = known.id
        )
      from ${s}.consumer as known where registered
      order by name collate "C", id`;
  }

  async find(
    ids: readonly string[],
  ): Promise<readonly (LiveTask | undefined)[]> {
    if (ids.length === 0) return [];
    const rows = await this.#client.run(this.#find, [textArray(ids)]);
    const found = new Map(rows.map((row) => [textOut(row[0]), toLive(row)]));
    return ids.map((id) => found.get(id));
  }

  tasks(filter: LiveFilter, page: PageRequest): Promise<Page<LiveTask>> {
    return listLive(this.#client, this.#schema, filter, page);
  }

  async limits(limits: readonly Limit[]): Promise<readonly LimitState[]> {
    if (limits.length === 0) return [];
    const given = this.#given?.now() ?? null;
    const terms = JSON.stringify(limits.map(limitRow));
    const rows = await this.#client.run(this.#limits, [terms, given]);
    // As the caller reads the time, whose clock may not be the server's.
    const now = given ?? this.#clock.now();
    return rows.map(([room, opensIn, taken, holders]) => ({
      holders: (JSON.parse(String(holders ?? "[]")) as string[]).map(textOut),
      taken: Number(taken),
      opensAt: Number(room) > 0
        ? now
        : opensIn === null
        ? null
        : now + Number(opensIn),
    }));
  }

  async queues(): Promise<readonly QueueStats[]> {
    const rows = await this.#client.run(this.#queues);
    return rows.map((row) => ({
      queue: textOut(row[0]),
      queued: row[1] as number,
      scheduled: row[2] as number,
      running: row[3] as number,
      paused: row[4] as boolean,
    }));
  }

  async consumers(): Promise<readonly ConsumerStats[]> {
    const rows = await this.#client.run(this.#consumers);
    return rows.map((row) => ({
      id: textOut(row[0]),
      name: textOut(row[1]),
      lease: row[2] as number,
      details: detailsOut(row[3]),
      seenAt: row[4] as number,
      held: row[5] as number,
    }));
  }
}

/** What a consumer said of itself; nothing, if somebody else wrote there. */
function detailsOut(value: unknown): Readonly<Record<string, unknown>> {
  try {
    const details: unknown = JSON.parse(textOut(value));
    return typeof details === "object" && details !== null
      ? details as Record<string, unknown>
      : {};
  } catch {
    return {};
  }
}
