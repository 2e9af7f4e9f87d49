/**
 * The room that limits give.
 *
 * @module
 */

import { timeSql } from "../server_time.ts";

/** The functions that measure it. */
export function roomSql(s: string): string {
  return `
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
      end $f$;`;
}
