/**
 * The tables, and how a file of an older version is brought up to date.
 *
 * Every index of the task table is partial, so that a message is in exactly
 * one of them: it waits to be served, it waits for its time, or it is held.
 * (What limits may hold back waits there as well, but under the name of its
 * line instead of that of its queue: nothing that looks for other messages
 * comes upon it, and no index more has to be kept for those.)
 * Costs follow from that: no statement on the way of a task looks at more
 * rows than it returns.
 *
 * Columns are lax on purpose. What somebody puts into a table by hand is
 * handed out like everything else, and the core says what is wrong with it.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "../../src/errors.ts";

/** What leads from each version of the schema to the next. */
const MIGRATIONS: readonly string[] = [
  `
  create table lovage_task (
    seq       integer primary key, -- the order of arrival
    id        text unique,
    task      text,
    queue     text,
    priority  integer,
    eta       integer, -- as it was sent (epoch ms)
    due       integer, -- the same, until it is there
    losses    integer not null default 0,
    cancelled integer not null default 0, -- 1: cancelled, 2: by force
    consumer  text,    -- who holds it
    token     integer, -- fences the lease
    body      text     -- last, so that nobody reads over a long one
  );
  create index lovage_task_ready on lovage_task (queue, priority)
    where consumer is null and due is null;
  create index lovage_task_scheduled on lovage_task (queue, due)
    where consumer is null and due is not null;
  create index lovage_task_held on lovage_task (consumer, queue)
    where consumer is not null;

  create table lovage_result (
    seq        integer primary key autoincrement, -- the order of storing
    id         text unique,
    state      text not null,
    ended      integer not null,
    task       text not null,
    worker     text,
    updated_at integer not null,
    expires_at integer,
    value      text,
    error      text,
    meta       text not null
  );
  create index lovage_result_expiry on lovage_result (expires_at)
    where expires_at is not null;
  create index lovage_result_state on lovage_result (state)
    where state <> 'SUCCESS';

  create table lovage_consumer (
    id         text primary key,
    name       text not null,
    lease      integer not null,
    details    text not null,
    seen_at    integer not null,
    registered integer not null -- 0: holds leases, never sent a heartbeat
  ) without rowid;

  create table lovage_revoked (
    id    text primary key,
    until integer not null
  ) without rowid;
  create index lovage_revoked_until on lovage_revoked (until);

  create table lovage_dead (
    seq      integer primary key autoincrement, -- the order of dying
    id       text,
    task     text,
    queue    text,
    priority integer,
    eta      integer,
    body     text,
    losses   integer not null,
    reason   text not null,
    detail   text not null,
    died_at  integer not null
  );

  create table lovage_bus (
    seq     integer primary key autoincrement,
    topic   text not null,
    payload text not null,
    sent_at integer not null
  );
  `,
  `
  create table lovage_group (
    seq        integer primary key,
    id         text unique,
    missing    integer not null, -- how many members have not ended
    failed     integer not null default 0,
    expires_at integer
  );
  create index lovage_group_expiry on lovage_group (expires_at)
    where expires_at is not null;

  create table lovage_group_body (
    seq      integer primary key, -- that of the group
    id       text,
    task     text,
    queue    text,
    priority integer,
    eta      integer,
    body     text
  );

  create table lovage_group_marks (
    group_seq integer not null,
    part      integer not null, -- which of its members
    bits      blob not null,    -- 1: has ended
    primary key (group_seq, part)
  ) without rowid;

  create trigger lovage_group_dropped after delete on lovage_group begin
    delete from lovage_group_body where seq = old.seq;
    delete from lovage_group_marks where group_seq = old.seq;
  end;
  `,
  `
  create table if not exists lovage_schedule (
    -- A page begins after a name, which has to come back as it went in.
    name     text primary key not null check (typeof(name) = 'text'),
    due_at   integer,
    revision integer not null, -- that of the put in force
    state    text not null default '',
    body     text not null
  );

  create table if not exists lovage_scheduler (
    only       integer primary key check (only = 1), -- there is one row
    revision   integer not null, -- counts puts and removals
    leader     text,
    name       text,
    lease      integer, -- for how long it leads
    renewed_at integer  -- from when on
  );
  `,
  `
  create table if not exists lovage_paused (
    queue text primary key not null
  ) without rowid;
  `,
  `
  create table if not exists lovage_history (
    step   integer not null, -- the length of the span in ms
    at     integer not null, -- when it begins
    series text not null,
    counts text not null,
    primary key (step, at, series)
  ) without rowid;
  `,
  `
  -- Limits and unique key, and where a message stands if limits may hold it.
  -- Behind the body: nothing is read over it, as these are null as a rule.
  alter table lovage_task add column terms text;
  alter table lovage_task add column line text;
  alter table lovage_group_body add column terms text;
  alter table lovage_dead add column terms text;

  create table lovage_unique_key (
    key   text primary key not null,
    id    text not null,
    until integer -- null: while its message is live
  ) without rowid;
  create index lovage_unique_key_until on lovage_unique_key (until)
    where until is not null;

  create table lovage_line (
    line     text primary key not null,
    queue    text not null,
    priority integer not null, -- of its first message, as what follows
    seq      integer not null,
    limits   text not null,
    shut     text              -- the limit that it waits for
  ) without rowid;
  create index lovage_line_open on lovage_line (queue, priority, seq)
    where shut is null;
  create index lovage_line_queue on lovage_line (queue);
  create index lovage_line_shut on lovage_line (shut, queue, priority, seq)
    where shut is not null;

  create table lovage_limit (
    shut     text primary key not null,
    name     text not null,
    opens_at integer -- when it has room, if that is known
  ) without rowid;
  create index lovage_limit_name on lovage_limit (name);
  create index lovage_limit_time on lovage_limit (opens_at)
    where opens_at is not null;

  create table lovage_limit_holder (
    name text not null,
    id   text not null,
    primary key (name, id)
  ) without rowid;

  -- Leases that count, in buckets, each as if all were taken at its end.
  create table lovage_limit_start (
    name  text not null,
    began integer not null,
    ended integer not null,
    until integer not null,
    taken integer not null
  );
  create unique index lovage_limit_start_name on lovage_limit_start
    (name, began);
  create index lovage_limit_start_until on lovage_limit_start (until);
  `,
];

/**
 * Brings the schema up to date. To be called inside a write transaction.
 *
 * @throws {StoreError} when the file was written by a newer version
 */
export function migrate(db: DatabaseSync, path: string): void {
  db.exec(
    "create table if not exists lovage_meta (key text primary key, value)",
  );
  const row = db.prepare("select value from lovage_meta where key = 'schema'")
    .get();
  const version = Number(row?.["value"] ?? 0);
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      `The SQLite store ${path} has schema ${version}, this Lovage knows ` +
        `${MIGRATIONS.length}: update Lovage or give another path`,
      { transient: false },
    );
  }
  for (const step of MIGRATIONS.slice(version)) db.exec(step);
  if (version === MIGRATIONS.length) return;
  db.prepare("insert or replace into lovage_meta values ('schema', ?)")
    .run(MIGRATIONS.length);
}
