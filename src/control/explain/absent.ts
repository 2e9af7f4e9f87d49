/**
 * Of ids that are in no queue and have no final record.
 *
 * @module
 */

import type { DeadLetter } from "../../contracts/dead_letters.ts";
import type { ResultRecord } from "../../contracts/result_backend.ts";
import type { Notes, Whereabouts } from "./explanation.ts";
import type { Facts, KnownEntry, TaskFacts } from "./facts.ts";
import { tellMembers } from "./groups.ts";
import { madeAt } from "./ids.ts";
import { errorOf, isUnfinished, nameOf, stateOf } from "./read.ts";
import {
  argument,
  count,
  line,
  list,
  span,
  timeAndAge,
  when,
} from "../../words.ts";

/** The state of the record that a group is saved as. */
const SAVED_GROUP = "GROUP";

/** Of a task that could never run. */
export function tellLetter(
  { now }: Facts,
  { key, reason, detail, diedAt, losses, queue }: DeadLetter,
  notes: Notes,
): Whereabouts {
  notes.holds(
    "message",
    `Its message has been among the dead letters since ${
      timeAndAge(diedAt, now)
    }, from queue "${queue}": ${line(`${reason}: ${detail}`)}`,
  );
  if (losses > 0) {
    notes.say(
      `The worker or host process that held it was lost ${
        count(losses, "time")
      }`,
    );
  }
  notes.say(
    `It runs again only if it is put back into its queue; ${cureOf(reason)}`,
  );
  notes.advise(`lovage dead show ${argument(key)}`);
  notes.advise(`lovage dead redrive ${argument(key)}`);
  return "dead";
}

function cureOf(reason: string): string {
  switch (reason) {
    case "NotRegisteredError":
      return "before that, start a worker whose app has the task";
    case "DecodeError":
      return "before that, see what in its message cannot be read: as it is, it comes back here";
    case "WorkerLostError":
      return "before that, find out what of it ends its process: memory, Deno.exit(), a crash of native code, or a machine that went away";
    case "Reject":
      return "the task itself refused it";
    default:
      return "before that, remove the cause";
  }
}

/** Of a task that has a record, but is neither in a queue nor held. */
export function tellGone(
  { stores, now, meta, asked }: Facts,
  record: ResultRecord,
  notes: Notes,
): Whereabouts {
  if (record.state === SAVED_GROUP) {
    notes.say("This is the id of a group that was saved, not of a task");
    return "group";
  }
  const error = errorOf(record);
  notes.say(
    `Its last known state is ${line(record.state)}, reached ${
      when(record.updatedAt, now)
    }` + (record.worker === null ? "" : ` in worker ${record.worker}`) +
      (error === undefined ? "" : `, with ${error}`),
  );
  notes.holds(
    "message",
    `It is in no queue of ${stores.broker}, and no worker holds it: it was purged, it ran at most once (acksLate: false) in a worker that was lost, or the store lost it`,
  );
  if (asked !== null && asked.silent.length > 0) {
    notes.doubts(
      "lease",
      `Workers that did not answer may have it: ${list(asked.silent)}`,
    );
  }
  if (meta.children.length > 0) {
    notes.say(`It has sent ${count(meta.children.length, "task")}`);
  }
  return "gone";
}

/** Of the step of a chain that was not sent yet. */
export function tellToCome(
  facts: Facts,
  before: TaskFacts,
  notes: Notes,
): Whereabouts {
  const { group } = facts;
  const called = `"${nameOf(before) ?? "?"}" (${before.id})`;
  notes.holds(
    "sent",
    `It was not sent yet, as its id shows: it follows task ${called} in a chain`,
  );
  if (isUnfinished(before)) {
    notes.say(
      `That task has not ended (${
        before.live?.status ?? stateOf(before)
      }); what comes after it is sent when it has`,
    );
    notes.advise(`lovage explain ${before.id}`);
    return "to come";
  }
  notes.say(
    `That task has ended as ${line(stateOf(before))} ${
      when(before.record?.updatedAt ?? NaN, facts.now)
    }`,
  );
  const left = group?.members.filter(isUnfinished) ?? [];
  if (group !== undefined) {
    notes.say(`It has led to group ${group.id}, which must end before`);
    tellMembers(group, notes);
    const [first] = left;
    if (first !== undefined) notes.advise(`lovage explain ${first.id}`);
  }
  if (left.length === 0) {
    notes.say(
      "What there was of this one is gone: its result has expired, was forgotten, or was not to be stored, or it stands for no task",
    );
    notes.advise(`lovage result ${before.id} --tree`);
  }
  return left.length === 0 ? "unknown" : "to come";
}

/** Of the name of a schedule entry. */
export function tellEntry(
  { now }: Facts,
  entry: KnownEntry,
  notes: Notes,
): Whereabouts {
  const { name, task, enabled, nextRunAt, lastRunAt, lastTaskId } = entry;
  notes.say(
    `This is the name of a schedule entry, not the id of a task: it sends task "${task}"`,
  );
  notes.say(
    !enabled
      ? "It is switched off"
      : nextRunAt === null
      ? "It is not due any more"
      : `It is due ${when(nextRunAt.getTime(), now)}`,
  );
  if (lastRunAt !== null && lastTaskId !== null) {
    notes.say(
      `It was last sent ${
        when(lastRunAt.getTime(), now)
      }, as task ${lastTaskId}`,
    );
    notes.advise(`lovage explain ${argument(lastTaskId)}`);
  }
  if (!enabled) notes.advise(`lovage schedule enable ${argument(name)}`);
  return "schedule entry";
}

/** Of an id of which nothing is known. */
export function tellUnknown(facts: Facts, notes: Notes): Whereabouts {
  const { id, now, stores, settings, letters, asked } = facts;
  const { broker, backend } = stores;
  notes.doubts(
    "sent",
    `No task of this id waits or runs in ${broker}, and there is no result of it in ${backend}`,
  );
  const made = madeAt(id);
  const { resultExpires } = settings;
  if (made === undefined || made > now + 60_000) {
    notes.say(
      `Either it was never sent to this store, or its result is gone: ${
        resultExpires === null
          ? "results do not expire, but may have been forgotten"
          : `results are kept for ${span(resultExpires)}`
      }`,
    );
  } else if (resultExpires !== null && now - made > resultExpires) {
    notes.say(
      `Its id was made ${when(made, now)}, and results are kept for ${
        span(resultExpires)
      } (resultExpires): most likely it has ended, and its result has expired`,
    );
  } else {
    notes.say(
      `Its id was made ${
        when(made, now)
      }: either it was sent to another store, or it is still to be sent, as the step of a chain or the body of a chord whose header has not ended`,
    );
  }
  notes.say(
    settings.taskIgnoreResult
      ? "This app stores no results (taskIgnoreResult): what has ended is not known any more"
      : "A task that ignores its result leaves none when it has ended, nor does one that was purged",
  );
  if (letters.searched > 0) {
    notes.say(
      letters.more
        ? `It is not among the latest ${letters.searched} dead letters; older ones were not looked at`
        : `It is not among the dead letters (${letters.searched})`,
    );
  }
  if (asked !== null && asked.silent.length > 0) {
    notes.doubts(
      "lease",
      `Workers that did not answer may run it: ${list(asked.silent)}`,
    );
  }
  return "unknown";
}
