/**
 * What happens to messages with limits or unique keys when they come, change
 * or end.
 *
 * @module
 */

import { quoteText } from "../text.ts";
import { PLANNER } from "./planning.ts";

/** The functions that whoever publishes or settles calls. */
export function messagesSql(s: string): string {
  return `
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
      end $f$;`;
}
