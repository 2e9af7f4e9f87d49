/**
 * Of tasks that have ended.
 *
 * @module
 */

import type { ResultRecord } from "../../contracts/result_backend.ts";
import { tellLetter } from "./absent.ts";
import type { Notes, Whereabouts } from "./explanation.ts";
import type { Facts } from "./facts.ts";
import { errorOf, isKnown, nameOf, readError } from "./read.ts";
import { count, line, span, timeAndAge, when } from "../../words.ts";

// The words of the worker that ended it.
const EXPIRED = " expired before it could start";

/** Of a task that has a final record. */
export function tellEnded(facts: Facts, notes: Notes): Whereabouts {
  const { record, letters } = facts;
  if (record === undefined) return "ended";
  tellEnd(facts, record, notes);
  tellRun(facts, record, notes);
  tellUpstream(facts, notes);
  if (letters.letter !== undefined) {
    return tellLetter(facts, letters.letter, notes);
  }
  tellKept(facts, record, notes);
  return "ended";
}

function tellEnd(
  { now }: Facts,
  record: ResultRecord,
  notes: Notes,
): void {
  const at = when(record.updatedAt, now);
  const error = readError(record);
  const said = errorOf(record);
  switch (record.state) {
    case "SUCCESS":
      return notes.passes("run", `It has ended well ${at}`);
    case "FAILURE":
      return notes.passes(
        "run",
        `It has failed ${at}${said === undefined ? "" : ` with ${said}`}`,
      );
    case "REVOKED":
      return notes.holds(
        error?.message.includes(EXPIRED) ? "expiry" : "revocation",
        error?.message.includes(EXPIRED)
          ? `It has expired: nobody took it before its time was over, and it was ended without a run ${at}`
          : record.worker === null
          ? `It was revoked while it waited, and taken out of its queue ${at}`
          : `It was revoked; worker ${record.worker} ended it ${at}${
            error === undefined ? "" : `: ${line(error.message)}`
          }`,
      );
    case "IGNORED":
      return notes.passes(
        "run",
        `It has ended ${at} and asked to be ignored, so that it has no result`,
      );
    default:
      return notes.passes(
        "run",
        `It has ended as ${line(record.state)} ${at}`,
      );
  }
}

function tellRun(
  { meta }: Facts,
  { worker, updatedAt, state }: ResultRecord,
  notes: Notes,
): void {
  if (state === "REVOKED" || worker === null) return;
  const began = meta.times["STARTED"];
  const retried = meta.retries > 0
    ? `, after ${count(meta.retries, "retry", "retries")}`
    : "";
  notes.say(
    began !== undefined
      ? `It ran for ${span(updatedAt - began)} in worker ${worker}${retried}`
      // What it did in workers that were lost, nobody knows.
      : meta.losses > 0
      ? `Worker ${worker} did not run it once more, but ended it${retried}`
      : `It did not run: worker ${worker} ended it${retried}`,
  );
}

/** The failures that led to its own, up to the first. */
function tellUpstream({ upstream, now }: Facts, notes: Notes): void {
  for (const task of upstream) {
    const name = nameOf(task);
    const called = name === null ? task.id : `"${name}" (${task.id})`;
    if (!isKnown(task) || task.record === undefined) {
      notes.say(
        `It has failed because of task ${called}, of which there is no result any more`,
      );
      continue;
    }
    const { state, updatedAt, worker } = task.record;
    const error = errorOf(task.record);
    notes.say(
      `It has failed because of task ${called}, which ended as ${line(state)} ${
        when(updatedAt, now)
      }` + (worker === null ? "" : ` in worker ${worker}`) +
        (error === undefined ? "" : ` with ${error}`),
    );
  }
  const first = upstream.at(-1);
  if (first?.record !== undefined) {
    notes.advise(`lovage result ${first.id} --traceback`);
  }
}

function tellKept(
  { now, id }: Facts,
  { expiresAt, state }: ResultRecord,
  notes: Notes,
): void {
  if (expiresAt !== null) {
    notes.say(
      expiresAt <= now
        ? `Its result has expired ${
          when(expiresAt, now)
        } and is about to be dropped`
        : `Its result is kept until ${timeAndAge(expiresAt, now)}`,
    );
  }
  if (state === "FAILURE") notes.advise(`lovage result ${id} --traceback`);
}
