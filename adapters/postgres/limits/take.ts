/**
 * Leases what limits hold back and what they have room for.
 *
 * @module
 */

import { timeSql } from "../server_time.ts";
import { LOCK, PLANNER } from "./planning.ts";

/** How many lines one call looks at. */
const LOOKS = 300;

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
export function takeSql(s: string): string {
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
