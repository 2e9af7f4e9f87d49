/**
 * The tables, and how a schema of an older version is brought up to date.
 *
 * Only live messages are in `task`; every index of it but the first is
 * partial, so that a message is in exactly one of them: it waits to be
 * served, it waits for its time, or it is held. (What limits hold back is in
 * two more in place of the first; see `schema_terms.ts`.) Costs follow from
 * that: no statement on the way of a task looks at more rows than it returns.
 *
 * A lease is an update that no fillfactor could make a HOT one, since what is
 * leased leaves one index for another. So rows stay densely packed, what is
 * done is deleted, and the vacuum comes early: after as many dead rows as
 * it clears away in a blink, whatever the size of the table.
 *
 * @module
 */

import { termsSchemaSql } from "./schema_terms.ts";
import { quoteText } from "./text.ts";

/** What leads from one version of the schema to the next. */
export interface Step {
  /** What it does, for people. */
  readonly does: string;
  /** The statements, for a quoted schema. */
  readonly sql: (s: string) => string;
}

/** Tables and their columns that may hold long texts. */
const LONG_TEXTS = [
  ["task", "body"],
  ["task_group", "body"],
  ["result", "value"],
  ["result", "error"],
  ["result", "meta"],
] as const;

function compressed(
  s: string,
  [table, column]: readonly [string, string],
): string {
  return `alter table ${s}.${table} alter column ${column} set compression lz4`;
}

/** All steps; the first leads from nothing to version 1. */
export const STEPS: readonly Step[] = [
  {
    does:
      "creates the tables for tasks, results, workers, revoked tasks, dead letters and the bus",
    sql: (s) => `
    create sequence ${s}.task_seq;
    create table ${s}.task (
      seq       bigint not null default nextval(${
      quoteText(`${s}.task_seq`)
    }), -- arrival
      token     bigint,             -- fences the lease
      eta       bigint,             -- as it was sent (epoch ms)
      due       bigint,             -- the same, until it is there
      priority  integer not null default 5,
      losses    integer not null default 0,
      cancelled integer not null default 0, -- 1: cancelled, 2: by force
      -- A lease adds an entry beside each, for which there is room this way.
      id        text collate "C" primary key with (fillfactor = 50),
      queue     text collate "C" not null,
      consumer  text collate "C",   -- who holds it
      task      text not null,
      body      text not null
    ) with (
      autovacuum_vacuum_scale_factor = 0.01,
      autovacuum_vacuum_threshold = 10000,
      autovacuum_vacuum_insert_scale_factor = 0.2,
      autovacuum_vacuum_cost_limit = 2000,
      autovacuum_analyze_scale_factor = 0.2,
      autovacuum_analyze_threshold = 10000
    );
    create index task_ready on ${s}.task (queue, priority, seq)
      where consumer is null and due is null;
    create index task_scheduled on ${s}.task (queue, due, seq)
      where consumer is null and due is not null;
    create index task_held on ${s}.task (consumer)
      where consumer is not null;

    create sequence ${s}.result_seq;
    create table ${s}.result (
      seq        bigint not null default nextval(${
      quoteText(`${s}.result_seq`)
    }), -- storing
      updated_at bigint not null,
      expires_at bigint,
      ended      boolean not null,
      id         text collate "C" primary key,
      state      text collate "C" not null,
      task       text not null,
      worker     text,
      value      text,
      error      text,
      meta       text not null
    ) with (
      autovacuum_vacuum_scale_factor = 0.05,
      autovacuum_vacuum_cost_limit = 2000
    );
    create index result_latest on ${s}.result (seq);
    create index result_expiry on ${s}.result (expires_at)
      where expires_at is not null;
    create index result_state on ${s}.result (state, seq)
      where state <> 'SUCCESS';

    create table ${s}.consumer (
      id         text collate "C" primary key,
      name       text not null,
      lease      bigint not null,
      seen_at    bigint not null,
      registered boolean not null, -- false: holds leases, sent no heartbeat
      details    text not null
    ) with (fillfactor = 50);

    create table ${s}.revoked (
      id    text collate "C" primary key,
      until bigint not null
    );
    create index revoked_until on ${s}.revoked (until);

    create table ${s}.operation (
      slot   text collate "C" primary key,
      number bigint not null, -- of the last one
      at     bigint not null
    ) with (fillfactor = 20);

    create table ${s}.dead (
      seq      bigserial primary key, -- the order of dying
      eta      bigint,
      died_at  bigint not null,
      priority integer not null,
      losses   integer not null,
      id       text collate "C" not null,
      queue    text not null,
      task     text not null,
      reason   text not null,
      detail   text not null,
      body     text not null
    );

    create unlogged table ${s}.bus (
      seq     bigserial primary key,
      sent_at bigint not null,
      sender  text not null,
      topic   text not null,
      payload text not null
    );
    `,
  },
  {
    does: "creates the tables for groups of tasks that something waits for",
    sql: (s) => `
    create table ${s}.task_group (
      expires_at bigint,
      eta        bigint,           -- of the message that waits, as all below
      remaining  integer not null, -- members that have not ended
      priority   integer not null,
      id         text collate "C" primary key,
      message    text collate "C" not null, -- its id
      queue      text collate "C" not null,
      task       text not null,
      body       text not null
    ) with (fillfactor = 50);
    create index task_group_expiry on ${s}.task_group (expires_at)
      where expires_at is not null;

    -- Who has ended, where that can be told more than once.
    create table ${s}.task_group_member (
      place    integer not null,
      group_id text collate "C" not null,
      primary key (group_id, place)
    );

    -- Long texts in a tenth of the time; what older servers cannot do.
    do $$ begin
      ${
      LONG_TEXTS.map((at) => `execute ${quoteText(compressed(s, at))};`).join(
        "\n      ",
      )
    }
    exception when feature_not_supported or syntax_error then null;
    end $$;
    `,
  },
  {
    does: "creates the tables for schedules and for who fires them",
    sql: (s) => `
    -- Half of each page is free, so that firing its entries changes no index.
    create table ${s}.schedule (
      revision bigint not null, -- of the put in force
      due_at   bigint,
      name     text collate "C" primary key,
      state    text not null default '',
      body     text not null
    ) with (fillfactor = 50);

    -- One row each: what counts puts and removals, and who leads.
    create table ${s}.schedule_revision (
      single   boolean primary key default true check (single),
      revision bigint not null
    );
    insert into ${s}.schedule_revision (revision) values (0);
    create table ${s}.schedule_leader (
      single     boolean primary key default true check (single),
      lease      bigint not null,
      renewed_at bigint not null,
      id         text not null,
      name       text not null
    ) with (fillfactor = 20);

    -- What the last operation of a slot answered, where that must be known.
    create table ${s}.operation_answer (
      number bigint not null,
      at     bigint not null,
      slot   text collate "C" primary key,
      answer text not null
    ) with (fillfactor = 50);
    `,
  },
  {
    does: "creates the table for paused queues",
    sql: (s) => `
    create table ${s}.paused (queue text collate "C" primary key);
    `,
  },
  {
    does: "creates the table for what was counted over time",
    sql: (s) => `
    create table ${s}.history (
      step   bigint not null, -- the length of the span in ms
      at     bigint not null, -- when it begins
      series text collate "C" not null,
      counts bigint[] not null,
      primary key (step, at, series)
    ) with (fillfactor = 50);
    `,
  },
  {
    does:
      "creates what limits and unique keys take, and notes which tasks have records",
    sql: (s) =>
      `${termsSchemaSql(s)}
    alter table ${s}.task
      add column recorded boolean; -- it may have a record: see recorded.ts
    `,
  },
];

/** The version of the schema that this code works with. */
export const VERSION = STEPS.length;
