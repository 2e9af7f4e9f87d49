/**
 * Lines of what limits hold back: opened when there is room, put away when
 * nothing is left.
 *
 * @module
 */

import { LIMITS_MARK } from "../limits_mark.ts";
import { timeSql } from "../server_time.ts";
import { quoteText } from "../text.ts";
import { EVENTS, LOCK, OPENED, PLANNER } from "./planning.ts";

/** The functions that only those call who reserve. */
export function linesSql(s: string): string {
  return `
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
      end $f$;`;
}
