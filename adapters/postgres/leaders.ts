/**
 * Who leads, in one row. The server measures the lease, so that processes
 * whose clocks differ agree on its end.
 *
 * @module
 */

import type { Candidate, Clock, Leadership } from "../../src/contracts/mod.ts";
import type { Client, Param, Row } from "./client.ts";
import { timeSql } from "./server_time.ts";
import { textIn, textOut, whole } from "./text.ts";

/** How far a clock may be set back before a lease counts as ended, in ms. */
const TOLERANCE = 1_000;

/** Takes, renews and gives up the lead. */
export class Leaders {
  readonly #client: Client;
  readonly #clock: Clock | null;
  readonly #lead: string;
  readonly #resign: string;
  readonly #leader: string;

  /** @param clock in place of the server's */
  constructor(client: Client, clock: Clock | null, s: string) {
    this.#client = client;
    this.#clock = clock;
    this.#lead = leadSql(s);
    this.#resign = `delete from ${s}.schedule_leader where id = $1::text`;
    this.#leader = leaderSql(s);
  }

  /** Takes the lead if nobody has it, or renews it. */
  async lead({ id, name, lease }: Candidate): Promise<Leadership> {
    const [row] = await this.#client.run(this.#lead, () => [
      ...[this.#time(), textIn(id), textIn(name), whole(lease)],
    ]);
    // Without a row somebody else took it while this was on its way.
    return row === undefined ? await this.leader() : toLeadership(row);
  }

  /** Gives the lead up, if this one has it. */
  async resign(id: string): Promise<void> {
    await this.#client.run(this.#resign, [textIn(id)]);
  }

  /** Who leads. */
  async leader(): Promise<Leadership> {
    const [row] = await this.#client.run(
      this.#leader,
      () => [this.#time()],
    );
    return toLeadership(row ?? []);
  }

  #time(): Param {
    return this.#clock === null ? null : whole(this.#clock.now());
  }
}

/** The time, by a clock in `$1` or the server's; read when it is asked for. */
const TIME = timeSql("$1::bigint");

/**
 * The condition that a lease has not ended. Where the clock was set back it
 * must not last until it is there again.
 */
function bindsSql(row: string, time: string): string {
  return `${time} between ${row}.renewed_at - ${TOLERANCE}
    and ${row}.renewed_at + ${row}.lease - 1`;
}

/**
 * `$1` is the time or `null`, `$2` to `$4` are id, name and lease of the
 * candidate. Whoever does not lead asks often: that writes nothing. Nobody
 * counts on a lease after a crash, so it need not wait for the disk.
 */
function leadSql(s: string): string {
  return `with seen as materialized (
    select leader.*, ${TIME} as now from ${s}.schedule_leader as leader
  ), other as materialized (
    select * from seen where id <> $2::text and ${bindsSql("seen", "now")}
  ), taken as (
    insert into ${s}.schedule_leader as held (renewed_at, id, name, lease)
    select ${TIME}, $2::text, $3::text, $4::bigint
    where not exists (select 1 from other)
    on conflict (single) do update set renewed_at = ${TIME},
      id = excluded.id, name = excluded.name, lease = excluded.lease
    where held.id = excluded.id or not (${bindsSql("held", TIME)})
    returning id, name, lease, renewed_at, renewed_at as now
  )
  select id, name, (renewed_at + lease)::float8, now::float8,
    counter.revision::float8, set_config('synchronous_commit', 'off', true)
  from (
    select * from taken
    union all select id, name, lease, renewed_at, now from other
  ) as leader cross join ${s}.schedule_revision as counter`;
}

/** `$1` is the time or `null`. */
function leaderSql(s: string): string {
  return `with clock as materialized (select ${TIME} as now)
  select id, name, (renewed_at + lease)::float8, now::float8,
    counter.revision::float8
  from clock cross join ${s}.schedule_revision as counter
    left join ${s}.schedule_leader as leader
      on ${bindsSql("leader", "now")}`;
}

function toLeadership(row: Row): Leadership {
  const [id = null, name, until, now, revision] = row;
  return {
    id: id === null ? null : textOut(id),
    name: textOut(name ?? null),
    until: Number(until ?? 0),
    now: Number(now),
    revision: Number(revision),
  };
}
