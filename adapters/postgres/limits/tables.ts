/**
 * What limits and unique keys are kept in.
 *
 * @module
 */

/** The tables, and what the others get more. */
export function tablesSql(s: string): string {
  return `
    alter table ${s}.task
      add column line text collate "C", -- where it stands, if limits hold it
      add column terms text;            -- limits and unique key
    alter table ${s}.task_group add column terms text;
    alter table ${s}.dead add column terms text;
    drop index ${s}.task_ready;
    create index task_ready on ${s}.task (queue, priority, seq)
      where consumer is null and due is null and line is null;
    create index task_line on ${s}.task (line, priority, seq)
      where consumer is null and due is null and line is not null;
    create index task_limited on ${s}.task (queue, seq)
      where consumer is null and due is null and line is not null;

    create table ${s}.unique_key (
      until bigint, -- null: while its message is live
      key   text collate "C" primary key,
      id    text collate "C" not null
    );
    create index unique_key_until on ${s}.unique_key (until)
      where until is not null;

    create table ${s}.limit_line (
      seq      bigint not null,  -- of its first message, as the priority
      priority integer not null,
      line     text collate "C" primary key,
      queue    text collate "C" not null,
      shut     text collate "C", -- the limit that it waits for
      limits   text
    );
    create index limit_line_open on ${s}.limit_line (queue, priority, seq)
      where shut is null;
    create index limit_line_shut on ${s}.limit_line (shut, queue, priority, seq)
      where shut is not null;
    create table ${s}.limit_wait (
      opens_at bigint, -- when it has room, if that is known
      shut     text collate "C" primary key,
      key      text collate "C" not null,
      terms    text not null
    );
    create index limit_wait_key on ${s}.limit_wait (key);
    create index limit_wait_time on ${s}.limit_wait (opens_at)
      where opens_at is not null;
    create table ${s}.limit_holder (
      key text collate "C",
      id  text collate "C",
      primary key (key, id)
    );
    -- Leases that count, in buckets, each as if all were taken at its end.
    create table ${s}.limit_start (
      began bigint not null,
      ended bigint not null,
      until bigint not null,
      taken bigint not null,
      key   text collate "C",
      primary key (key, began)
    ) with (fillfactor = 50);
    create index limit_start_until on ${s}.limit_start (until);
    create table ${s}.limit_event (
      seq  bigserial primary key,
      line text, -- to which this message came
      id   text,
      key  text  -- or which has room
    );`;
}
