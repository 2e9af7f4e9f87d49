/**
 * Unique keys, and the names of limits and lines.
 *
 * @module
 */

import { LIMITS_MARK } from "../limits_mark.ts";
import { quoteText } from "../text.ts";

/** The functions that name, say, claim and free. */
export function keysSql(s: string): string {
  return `
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
      $f$;`;
}
