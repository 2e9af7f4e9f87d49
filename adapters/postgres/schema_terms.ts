/**
 * The step of the schema for limits and unique keys.
 *
 * A message that has any carries them as its `terms`. What limits may hold
 * back has a `line`: those of one queue whose limits have the same keys stand
 * in one, and only the first of it matters, which also says how much room
 * there is. So it is in no index that messages without limits are found by,
 * and what it takes to find it grows with what is taken, not with what is held
 * back.
 *
 * A line is open, or waits for a limit (`shut`); a limit that is waited for
 * has a time at which it has room, or is told when it has: whoever ends a
 * lease says so in `limit_event`, and so does whoever puts a message into a
 * line. Only those who reserve read that, one at a time, and only they change
 * lines. So nobody who publishes or settles ever waits for another one on
 * account of a limit, whatever transaction that is in, and no two can take
 * the same room.
 *
 * These are functions, since each of their statements has to see what was
 * committed up to then, under locks that were taken before; and a statement
 * sees what was committed when it began.
 *
 * Rates are measured by the server's clock, unless the store was given one:
 * those of workers differ, and what they had read before they waited for the
 * lock would be past. It is read under the lock, before what counts is added
 * up, and again for what was leased: so a lease counts from a time at which it
 * had been made for sure.
 *
 * @module
 */

import { timeSql } from "./server_time.ts";
import { quoteText } from "./text.ts";

/**
 * What stands among the paused queues while limits are in use, so that one
 * look tells of both. No queue has such a name.
 */
export const LIMITS_MARK = "\u0001limits";

/**
 * What the functions are planned with; see `client.ts`. What is to be first is
 * read from the index that has this order: a planner without statistics takes
 * every other index of what limits hold back for as good, would read all of
 * that, and sort it.
 */
const PLANNER = `set plan_cache_mode = force_generic_plan
      set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
      set enable_hashjoin = off set enable_mergejoin = off set jit = off`;

/** How many events one call reads. */
const EVENTS = 1_000;
/** How many lines of a queue one call opens for a limit. */
const OPENED = 100;
/** How many lines one call looks at. */
const LOOKS = 300;

/** Held by the one who changes lines. */
const LOCK = (s: string): string =>
  `pg_advisory_xact_lock(hashtextextended(${
    quoteText(`lovage limits ${s}`)
  }, 0))`;

/** The statements, for a quoted schema. */
export function termsSchemaSql(s: string): string {
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
    );

    -- A key as indexes can hold it.
    create function ${s}.limit_key(text) returns text
      language sql immutable as $f$
        select case when octet_length($1) <= 500 then $1 else left($1, 100)
          || encode(sha256(convert_to($1, 'UTF8')), 'hex') end
      $f$;

    create function ${s}.limit_line_of(queue text, terms text) returns text
      language sql immutable as $f$
        select case when $2::json -> 'l' is null
            and not coalesce(($2::json -> 'u' ->> 2)::boolean, false) then null
          else encode(sha256(convert_to($1 || coalesce((
            select string_agg(E'\\n' || (value ->> 0) || (value ->> 1), ''
              order by value ->> 0, value ->> 1)
            from json_array_elements($2::json -> 'l')), ''), 'UTF8')), 'hex')
          end
      $f$;

    create function ${s}.limit_say(line text, id text, key text) returns void
      language plpgsql as $f$ begin
        insert into ${s}.limit_event (line, id, key) values ($1, $2, $3);
        insert into ${s}.paused (queue) values (${quoteText(LIMITS_MARK)})
          on conflict do nothing;
      end $f$;

    -- Takes a key, unless another message has it. That one is looked at: what
    -- ends in this same statement has not given its key back yet.
    create function ${s}.claim_key(
      terms text, who text, now_ms bigint) returns boolean
      language plpgsql as $f$
      declare
        name text := ${s}.limit_key($1::json -> 'u' ->> 0);
        free_at bigint := ($1::json -> 'u' ->> 1)::bigint;
        kept ${s}.unique_key;
      begin
        if name is null or free_at <= now_ms then return true; end if;
        loop
          insert into ${s}.unique_key (key, id, until) values (name, who, free_at)
            on conflict (key) do nothing;
          if found then return true; end if;
          select * into kept from ${s}.unique_key as u
            where u.key = name for update;
          continue when not found;
          if kept.id <> who and (case
            when kept.until is not null then kept.until > now_ms
            else exists (select 1 from ${s}.task as t where t.id = kept.id
              and ${s}.limit_key(t.terms::json -> 'u' ->> 0) = name
              and (t.consumer is null
                or not coalesce((t.terms::json -> 'u' ->> 2)::boolean, false)))
            end) then return false;
          end if;
          update ${s}.unique_key as u set id = who, until = free_at
            where u.key = name;
          return true;
        end loop;
      end $f$;

    -- Gives the key of a message back that waits or waited.
    create function ${s}.free_key(terms text, who text) returns void
      language sql as $f$
        delete from ${s}.unique_key where until is null and id = $2
          and key = ${s}.limit_key($1::json -> 'u' ->> 0)
      $f$;

    -- The time comes in the column of the token, which nothing has that waits.
    create function ${s}.task_arrives() returns trigger
      language plpgsql as $f$
      declare
        now_ms bigint := new.token;
      begin
        new.token := null;
        if exists (select 1 from ${s}.task as t where t.id = new.id)
          or not ${s}.claim_key(new.terms, new.id, now_ms)
        then return null; end if;
        new.line := ${s}.limit_line_of(new.queue, new.terms);
        if new.line is not null and new.due is null then
          perform ${s}.limit_say(new.line, new.id, null);
        end if;
        return new;
      end $f$;
    create trigger task_arrives before insert on ${s}.task for each row
      when (new.terms is not null) execute function ${s}.task_arrives();

    -- A message has other terms now, or came back to its queue.
    create function ${s}.task_returns(
      who text, old_terms text, now_ms bigint) returns void
      language plpgsql as $f$
      declare
        t ${s}.task;
        kept text;
        place text;
      begin
        select * into t from ${s}.task as one where one.id = who;
        if not found then
          perform ${s}.free_key(old_terms, who);
          return;
        end if;
        if old_terms::json -> 'u' ->> 0 is distinct from t.terms::json -> 'u' ->> 0
        then perform ${s}.free_key(old_terms, who); end if;
        kept := t.terms;
        if not ${s}.claim_key(kept, who, now_ms) then
          kept := '{"l":' || (kept::json ->> 'l') || '}';
        end if;
        place := case when t.cancelled > 0 then null
          else ${s}.limit_line_of(t.queue, kept) end;
        update ${s}.task as one set terms = kept, line = place
          where one.id = who and (one.terms is distinct from kept
            or one.line is distinct from place);
        if place is not null and t.due is null then
          perform ${s}.limit_say(place, who, null);
        end if;
      end $f$;

    -- Leases have ended, of messages that had these terms: tells how many
    -- gave room to others.
    create function ${s}.leases_end(
      ids text[], terms text[], now_ms bigint) returns integer
      language plpgsql ${PLANNER} as $f$
      declare
        one json;
        freed integer := 0;
      begin
        for n in 1 .. coalesce(cardinality(ids), 0) loop
          for one in select value from json_array_elements(
            terms[n]::json -> 'l') where value ->> 0 = 'c'
          loop
            delete from ${s}.limit_holder as h where h.id = ids[n]
              and h.key = ${s}.limit_key(one ->> 1);
            continue when not found;
            perform ${s}.limit_say(null, null, ${s}.limit_key(one ->> 1));
            freed := freed + 1;
          end loop;
          perform ${s}.task_returns(ids[n], terms[n], now_ms);
        end loop;
        return freed;
      end $f$;

    -- Publishes one after the other; tells of each whether it was added.
    create function ${s}.publish_special(
      ids text[], tasks text[], queues text[], priorities int[], etas bigint[],
      dues bigint[], bodies text[], terms text[], replaces int[], now_ms bigint)
      returns boolean[]
      language plpgsql ${PLANNER} as $f$
      declare
        added boolean[] := '{}';
        old record;
      begin
        for n in 1 .. cardinality(ids) loop
          if replaces[n] = 0 then
            insert into ${s}.task (id, task, queue, priority, eta, due, body,
              terms, token)
            values (ids[n], tasks[n], queues[n], priorities[n], etas[n],
              dues[n], bodies[n], terms[n],
              case when terms[n] is not null then now_ms end)
            on conflict (id) do nothing;
            added := added || found;
            if found then
              delete from ${s}.result as r where r.id = ids[n] and r.ended;
            end if;
            continue;
          end if;
          select t.terms, t.line into old from ${s}.task as t
            where t.id = ids[n] and t.consumer is null for update;
          if not found or not ${s}.claim_key(terms[n], ids[n], now_ms) then
            added := added || false;
            continue;
          end if;
          update ${s}.task as t set seq = nextval(${
    quoteText(`${s}.task_seq`)
  }), task = tasks[n], queue = queues[n], priority = priorities[n],
            eta = etas[n], due = dues[n], body = bodies[n], terms = $8[n]
            where t.id = ids[n];
          perform ${s}.task_returns(ids[n], old.terms, now_ms);
          if old.line is not null then
            perform ${s}.limit_say(old.line, null, null);
          end if;
          added := added || true;
        end loop;
        return added;
      end $f$;

    -- How much room a limit has, and when it has some.
    create function ${s}.limit_room(
      terms json, now_ms bigint, out room bigint, out opens_at bigint)
      language plpgsql as $f$
      declare
        name text := ${s}.limit_key(terms ->> 1);
        most bigint := (terms ->> 2)::bigint;
        per bigint := (terms ->> 3)::bigint;
      begin
        if terms ->> 0 = 'c' then
          select most - count(*) into room from (
            select 1 from ${s}.limit_holder as h where h.key = name limit most
          ) as one;
          return;
        end if;
        select most - coalesce(sum(taken), 0) into room
          from ${s}.limit_start as l where l.key = name and ended > now_ms - per;
        if room > 0 then return; end if;
        select ended + per into opens_at from (
          select ended, sum(taken) over (order by began desc) as since
          from ${s}.limit_start as l where l.key = name and ended > now_ms - per
        ) as one where since >= most order by ended desc limit 1;
      end $f$;

    -- The first message of a line. (One in SQL would be planned at each call.)
    create function ${s}.limit_head(place text, out queue text,
      out priority int, out seq bigint, out limits text)
      language plpgsql stable as $f$ begin
        select t.queue, t.priority, t.seq, t.terms::json ->> 'l'
          into queue, priority, seq, limits
          from ${s}.task as t
          where t.line = place and t.consumer is null and t.due is null
          order by t.priority, t.seq limit 1;
      end $f$;

    -- So many more leases count for a rate.
    create function ${s}.limit_took(
      terms json, many bigint, given_ms bigint) returns void
      language plpgsql as $f$
      declare
        now_ms bigint := ${timeSql("given_ms", "ceil")};
        name text := ${s}.limit_key(terms ->> 1);
        per bigint := (terms ->> 3)::bigint;
      begin
        update ${s}.limit_start as l set taken = taken + many,
          ended = greatest(ended, now_ms), until = greatest(until, now_ms + per)
        where l.key = name and began = (
          select max(began) from ${s}.limit_start as l where l.key = name)
          and began > now_ms - greatest(1, per / 100);
        if found then return; end if;
        delete from ${s}.limit_start as l where l.key = name and until <= now_ms;
        insert into ${s}.limit_start (key, began, ended, taken, until)
          values (name, now_ms, now_ms, many, now_ms + per);
      end $f$;

    -- Lines that wait for a limit of this key are opened, as many in each
    -- queue as there is room.
    create function ${s}.limit_wake(name text, now_ms bigint) returns void
      language plpgsql as $f$
      declare
        w ${s}.limit_wait;
        has record;
        q text;
      begin
        for w in select * from ${s}.limit_wait as one where one.key = name loop
          if not exists (select 1 from ${s}.limit_line as l where l.shut = w.shut)
          then
            delete from ${s}.limit_wait as one where one.shut = w.shut;
            continue;
          end if;
          has := ${s}.limit_room(w.terms::json, now_ms);
          if has.room <= 0 then
            if w.opens_at is distinct from has.opens_at then
              update ${s}.limit_wait as one set opens_at = has.opens_at
                where one.shut = w.shut;
            end if;
            continue;
          end if;
          select min(l.queue) into q from ${s}.limit_line as l
            where l.shut = w.shut;
          while q is not null loop
            update ${s}.limit_line as l set shut = null where l.line = any (array(
              select one.line from ${s}.limit_line as one
              where one.shut = w.shut and one.queue = q
              order by one.priority, one.seq limit least(has.room, ${OPENED})));
            select min(l.queue) into q from ${s}.limit_line as l
              where l.shut = w.shut and l.queue > q;
          end loop;
          if exists (select 1 from ${s}.limit_line as l where l.shut = w.shut)
          then
            -- The next one who takes from a line of these wakes again.
            update ${s}.limit_wait as one set opens_at = null
              where one.shut = w.shut and one.opens_at is not null;
          else delete from ${s}.limit_wait as one where one.shut = w.shut;
          end if;
        end loop;
      end $f$;

    -- Reads what was said.
    create function ${s}.limit_hear(now_ms bigint) returns boolean
      language plpgsql as $f$
      declare
        keys text[];
        places text[];
        ids text[];
        said bigint;
        one text;
        head record;
      begin
        with heard as (
          delete from ${s}.limit_event where seq = any (array(
            select seq from ${s}.limit_event order by seq limit ${EVENTS}))
          returning *
        )
        select array_agg(distinct key), array_agg(distinct line),
          array_agg(id), count(*) into keys, places, ids, said from heard;
        if exists (select 1 from ${s}.revoked) then
          update ${s}.task as t set line = null
            where t.id = any (ids) and t.consumer is null
            and t.line is not null and exists (
              select 1 from ${s}.revoked as r
              where r.id = t.id and r.until > now_ms);
        end if;
        foreach one in array coalesce(places, '{}') loop
          continue when one is null;
          select * into head from ${s}.limit_head(one);
          continue when head.priority is null;
          insert into ${s}.limit_line (line, queue, priority, seq, limits)
            values (one, head.queue, head.priority, head.seq, head.limits)
            on conflict (line) do update
            set priority = excluded.priority, seq = excluded.seq,
              limits = excluded.limits,
              shut = case when limit_line.limits
                is not distinct from excluded.limits then limit_line.shut end
            where (limit_line.priority, limit_line.seq)
              <> (excluded.priority, excluded.seq);
        end loop;
        foreach one in array coalesce(keys, '{}') loop
          continue when one is null;
          perform ${s}.limit_wake(one, now_ms);
        end loop;
        for one in select w.key from ${s}.limit_wait as w
          where w.opens_at is not null and w.opens_at <= now_ms
          order by w.opens_at limit ${OPENED}
        loop
          perform ${s}.limit_wake(one, now_ms);
        end loop;
        return said >= ${EVENTS};
      end $f$;

    -- What nobody waits for any more goes, and the mark with the last of it.
    create function ${s}.limit_sweep(sent_ms bigint, given_ms bigint)
      returns void
      language plpgsql ${PLANNER} as $f$
      declare
        now_ms bigint;
      begin
        delete from ${s}.unique_key where key = any (array(
          select key from ${s}.unique_key
          where until is not null and until <= sent_ms limit ${EVENTS}
          for update skip locked));
        if not exists (select 1 from ${s}.limit_event)
          and not exists (select 1 from ${s}.limit_line)
          and not exists (select 1 from ${s}.limit_wait)
          and not exists (select 1 from ${s}.limit_start)
        then
          delete from ${s}.paused where queue = ${quoteText(LIMITS_MARK)};
          return;
        end if;
        perform ${LOCK(s)};
        now_ms := ${timeSql("given_ms")};
        perform ${s}.limit_hear(now_ms);
        delete from ${s}.limit_start where (key, began) in (
          select key, began from ${s}.limit_start
          where until <= now_ms limit ${EVENTS});
        -- Whoever said something may have seen a mark that was just going.
        insert into ${s}.paused (queue) values (${quoteText(LIMITS_MARK)})
          on conflict do nothing;
      end $f$;

    -- Lines of a queue in which nothing is left.
    create function ${s}.limit_purge(name text, given_ms bigint) returns void
      language plpgsql ${PLANNER} as $f$
      declare
        now_ms bigint;
        gone text;
        lim json;
      begin
        if not exists (select 1 from ${s}.paused
          where queue = ${quoteText(LIMITS_MARK)})
        then return; end if;
        perform ${LOCK(s)};
        now_ms := ${timeSql("given_ms")};
        while ${s}.limit_hear(now_ms) loop end loop;
        for gone in delete from ${s}.limit_line as l where l.queue = name
          and (select head.seq from ${s}.limit_head(l.line) as head) is null
          returning limits
        loop
          for lim in select value
            from json_array_elements(coalesce(gone, '[]')::json)
          loop
            perform ${s}.limit_wake(${s}.limit_key(lim ->> 1), now_ms);
          end loop;
        end loop;
      end $f$;

    ${takeSql(s)}
  `;
}

/**
 * The function that leases what has room. Who calls it waits for those who do
 * the same; that takes no longer than the statement, as its commit does not
 * wait for the disk.
 *
 * `asked` is how many deliveries are wanted of all queues, `most` how many of
 * them may have limits, `fair` whether each queue leaves others their part.
 * `sent_ms` is the caller's time, `given_ms` the one to measure by, if it is
 * not the server's. The last row tells what is left: whether there is more,
 * and in how many ms.
 */
function takeSql(s: string): string {
  return `
    create function ${s}.limit_take(
      queues text[], asked int, most int, fair boolean, who text,
      fence bigint, sent_ms bigint, given_ms bigint)
      returns table (id text, task text, queue text, priority int, eta float8,
        body text, losses int, cancelled boolean, seq float8, terms text)
      language plpgsql ${PLANNER} as $f$
      #variable_conflict use_column
      declare
        served text[];
        q text;
        l ${s}.limit_line;
        head record;
        lim json;
        lims json[];
        has record;
        got int;
        want bigint;
        part int;
        mine int;
        total int := 0;
        turn int := 0;
        before int;
        looks int := 0;
        more boolean;
        later boolean := false;
        busy text[] := '{}';
        stop json;
        now_ms bigint;
      begin
        perform set_config('synchronous_commit', 'off', true);
        perform ${LOCK(s)};
        now_ms := ${timeSql("given_ms")};
        more := ${s}.limit_hear(now_ms);
        select array_agg(name order by place) into served
          from unnest(queues) with ordinality as asked_of (name, place)
          where name not in (select p.queue from ${s}.paused as p
            where p.queue = any (queues));
        -- Those that have something, if they are to share.
        if fair and cardinality(served) > 1 then
          select array_agg(name order by place) into served
            from unnest(served) with ordinality as asked_of (name, place)
            where exists (select 1 from ${s}.limit_line as o
                where o.queue = name and o.shut is null)
              or exists (select 1 from ${s}.task as t
                where t.queue = name and t.consumer is null
                and t.due is null and t.line is null);
        end if;
        foreach q in array coalesce(served, '{}') loop
          part := case when fair then asked / cardinality(served)
            + (turn < asked % cardinality(served))::int else asked end;
          turn := turn + 1;
          mine := 0;
          loop
            select * into l from ${s}.limit_line as o
              where o.queue = q and o.shut is null and o.line <> all (busy)
              order by o.priority, o.seq limit 1;
            exit when not found;
            if total >= most or looks >= ${LOOKS} then
              more := true;
              exit;
            end if;
            if mine >= part then
              later := true;
              exit;
            end if;
            looks := looks + 1;
            select * into head from ${s}.limit_head(l.line);
            stop := null;
            got := 0;
            lims := array(select value from json_array_elements(
              coalesce(head.limits, l.limits, '[]')::json));
            if head.priority is null then
              delete from ${s}.limit_line as o where o.line = l.line;
            elsif head.priority <> l.priority then
              update ${s}.limit_line as o
                set priority = head.priority, seq = head.seq,
                  limits = head.limits
                where o.line = l.line;
              continue;
            else
              -- What has no limits, but a better priority, comes first.
              select count(*) into before from (
                select 1 from ${s}.task as t where t.queue = q
                  and t.consumer is null and t.due is null and t.line is null
                  and t.priority < head.priority limit part - mine
              ) as one;
              if mine + before >= part then
                later := true;
                exit;
              end if;
              want := least(most - total, part - mine - before);
              foreach lim in array lims loop
                has := ${s}.limit_room(lim, now_ms);
                want := least(want, has.room);
                if has.room <= 0 then
                  stop := lim;
                  exit;
                end if;
              end loop;
            end if;
            if head.priority is not null and stop is null then
              return query with next as materialized (
                select t.ctid as place, t.seq, t.terms::json ->> 'l'
                  is not distinct from head.limits as is_same
                from ${s}.task as t
                where t.line = l.line and t.priority = head.priority
                  and t.consumer is null and t.due is null
                order by t.seq limit want for update skip locked
              ), picked as materialized (
                -- Up to the first one that has other room.
                select place from (
                  select place, bool_and(is_same) over (order by seq) as is_same
                  from next) as one
                where is_same
              ), leased as (
                update ${s}.task as t set consumer = who, token = fence
                where t.ctid = any (array(select place from picked))
                  and num_nulls(t.consumer, t.due) = 2
                returning t.*
              ), held as (
                insert into ${s}.limit_holder (key, id)
                select ${s}.limit_key(value ->> 1), leased.id from leased
                  cross join json_array_elements(
                    coalesce(head.limits, '[]')::json)
                where value ->> 0 = 'c'
                on conflict do nothing
              ), freed as (
                delete from ${s}.unique_key as u using leased
                where u.key = any (array[
                    ${s}.limit_key(leased.terms::json -> 'u' ->> 0)])
                  and u.id = leased.id
                  and (leased.terms::json -> 'u' ->> 2)::boolean
              )
              select t.id, t.task, t.queue, t.priority, t.eta::float8, t.body,
                t.losses, t.cancelled > 0, t.seq::float8, t.terms
              from leased as t;
              get diagnostics got = row_count;
              total := total + got;
              mine := mine + got;
              if got = 0 then busy := busy || l.line; end if;
              foreach lim in array lims loop
                if lim ->> 0 = 'r' and got > 0 then
                  perform ${s}.limit_took(lim, got, given_ms);
                end if;
              end loop;
              select * into head from ${s}.limit_head(l.line);
              if head.priority is null then
                delete from ${s}.limit_line as o where o.line = l.line;
              else
                lims := array(select value from json_array_elements(
                  coalesce(head.limits, '[]')::json));
                update ${s}.limit_line as o
                  set priority = head.priority, seq = head.seq,
                    limits = head.limits
                  where o.line = l.line
                    and (o.priority, o.seq) <> (head.priority, head.seq);
                foreach lim in array lims loop
                  has := ${s}.limit_room(lim, now_ms);
                  if has.room <= 0 then
                    stop := lim;
                    exit;
                  end if;
                end loop;
              end if;
            end if;
            if stop is not null then
              update ${s}.limit_line as o set shut = ${s}.limit_key(stop::text)
                where o.line = l.line;
              insert into ${s}.limit_wait (shut, key, terms, opens_at)
                values (${s}.limit_key(stop::text),
                  ${s}.limit_key(stop ->> 1), stop::text, has.opens_at)
                on conflict (shut) do update set opens_at = excluded.opens_at;
            end if;
            foreach lim in array lims loop
              perform ${s}.limit_wake(${s}.limit_key(lim ->> 1), now_ms);
            end loop;
          end loop;
          exit when total >= most;
        end loop;
        if total > 0 then
          insert into ${s}.consumer
            (id, name, lease, details, seen_at, registered)
          values (who, who, 60000, '{}', sent_ms, false)
          on conflict do nothing;
        end if;
        return query select null::text, null::text, null::text,
          more::int + 2 * later::int, (
            select (min(w.opens_at) - ${timeSql("given_ms")})::float8
            from ${s}.limit_wait as w where w.opens_at is not null),
          null::text, cardinality(busy), null::boolean, null::float8,
          null::text;
      end $f$;`;
}
