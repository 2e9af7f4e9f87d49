/**
 * Of tasks that wait in a queue: for a worker, or for their time.
 *
 * @module
 */

import type { Envelope } from "../../message/envelope.ts";
import type { Notes, Whereabouts } from "./explanation.ts";
import type { Facts } from "./facts.ts";
import { tellLimits, tellUnique } from "./limited.ts";
import { errorOf } from "./read.ts";
import { tellObstacles, tellServing } from "./serving.ts";
import { rateText } from "../../options.ts";
import { argument, count, timeAndAge, when } from "../../words.ts";

/** Of a task that is ready. */
export function tellQueued(facts: Facts, notes: Notes): Whereabouts {
  const { live, envelope, now } = facts;
  const since = envelope === undefined ? undefined : arrival(envelope, now);
  notes.passes(
    "sent",
    `It waits in queue "${live?.queue ?? ""}" for a worker` +
      (since === undefined ? "" : `, since ${timeAndAge(since, now)}`),
  );
  notes.passesQuietly("eta", "Its time has come");
  tellBefore(facts, notes);
  tellFate(facts, notes);
  tellUnique(facts, notes);
  if (tellLimits(facts, notes)) tellObstacles(facts, notes);
  else tellServing(facts, notes);
  return "queued";
}

/** Of a task whose time has not come. */
export function tellScheduled(facts: Facts, notes: Notes): Whereabouts {
  const { live, now } = facts;
  const eta = live?.eta ?? now;
  notes.passesQuietly("sent", `It was sent to queue "${live?.queue ?? ""}"`);
  notes.holds(
    "eta",
    `It waits in queue "${live?.queue ?? ""}" until its time comes ${
      when(eta, now)
    }`,
  );
  tellReason(facts, eta, notes);
  tellBefore(facts, notes);
  tellFate(facts, notes, eta);
  tellUnique(facts, notes);
  tellObstacles(facts, notes);
  return "scheduled";
}

/** Lost workers, and how many more it may take down. */
export function tellLosses(
  { live, settings }: Facts,
  notes: Notes,
): void {
  const losses = live?.losses ?? 0;
  if (!(losses > 0)) return;
  const { taskMaxDeliveries: most } = settings;
  notes.say(
    `The worker or host process that held it was lost ${
      count(losses, "time")
    }; ` +
      (losses >= most
        ? `that is as many as taskMaxDeliveries allows (${most}): the next worker gives it up as WorkerLostError`
        : `after ${most} (taskMaxDeliveries) it is given up`),
  );
}

function tellReason(facts: Facts, eta: number, notes: Notes): void {
  const { envelope, now, settings } = facts;
  if (envelope === undefined) return;
  const { retries, unknownSince } = envelope;
  if (envelope.eta === eta) {
    return retries > 0 ? tellRetry(facts, envelope, notes) : notes.say(
      `It was sent ${
        when(envelope.sentAt, now)
      } with a countdown or an eta: that is when it was asked to run`,
    );
  }
  const givenUp = typeof unknownSince === "number"
    ? unknownSince + settings.taskUnknownTimeout
    : -Infinity;
  if (eta <= givenUp) {
    notes.holds(
      "registered",
      `No worker that was offered it knew its task "${envelope.task}", since ${
        timeAndAge(givenUp - settings.taskUnknownTimeout, now)
      }: it is offered to others until ${
        timeAndAge(givenUp, now)
      }, then it becomes a dead letter (taskUnknownTimeout)`,
    );
    notes.advise("lovage inspect registered");
    return;
  }
  tellRateLimit(facts, envelope, notes);
}

function tellRetry(facts: Facts, envelope: Envelope, notes: Notes): void {
  const { policy, record, now } = facts;
  const { retries, retriedAt } = envelope;
  const most = policy === undefined
    ? ""
    : policy.maxRetries === null
    ? ", without a limit"
    : ` of ${policy.maxRetries}`;
  const error = record?.state === "RETRY" ? errorOf(record) : undefined;
  notes.say(
    `It is to be retried (retry ${retries}${most})` +
      (typeof retriedAt === "number"
        ? `: it was given back ${when(retriedAt, now)}`
        : ""),
  );
  if (error !== undefined) notes.say(`Its last run failed with ${error}`);
}

function tellRateLimit(
  { policy }: Facts,
  { task }: Envelope,
  notes: Notes,
): void {
  const limit = policy?.rateLimit ?? null;
  notes.holds(
    "limit",
    limit === null
      ? `A worker sent it back until then: task "${task}" is under a rate limit, and others have the turns before it`
      : `A worker sent it back until then: task "${task}" is limited to ${
        rateText(limit)
      } per worker, and others have the turns before it`,
  );
  notes.advise(`lovage control rate-limit ${argument(task)} <rate>`);
}

/** What will come of it once a worker takes it, where that is known. */
function tellFate(facts: Facts, notes: Notes, eta = facts.now): void {
  const { live, envelope, unreadable, now } = facts;
  if (unreadable !== undefined) {
    notes.holds(
      "message",
      `Its message cannot be read (${unreadable}): the worker that takes it puts it to the dead letters`,
    );
    return;
  }
  notes.passesQuietly("message", "Its message can be read");
  if (live?.cancelled !== true) {
    notes.passesQuietly("revocation", "It was not revoked");
  }
  const expires = envelope?.expires;
  if (envelope?.outcome !== undefined) {
    notes.say(
      "error" in envelope.outcome
        ? "It will not run, as a task before it has failed: a worker only has to store that"
        : "Its result is known already: a worker only has to store it",
    );
  } else if (live?.cancelled === true) {
    notes.holds(
      "revocation",
      "It was revoked: the worker that takes it ends it as REVOKED without a run",
    );
  } else if (typeof expires === "number" && expires <= now) {
    notes.holds(
      "expiry",
      `It has expired ${
        when(expires, now)
      }, which nobody has seen yet: the worker that takes it ends it as REVOKED without a run`,
    );
  } else if (typeof expires === "number" && expires <= eta) {
    notes.holds(
      "expiry",
      `It expires ${
        when(expires, now)
      }, before its time comes: it will be REVOKED without a run`,
    );
  } else if (typeof expires === "number") {
    notes.passes(
      "expiry",
      `If it has not started by then, it expires ${when(expires, now)}`,
    );
  }
}

function tellBefore(facts: Facts, notes: Notes): void {
  tellLosses(facts, notes);
  const { record, now, live } = facts;
  if (record?.ended !== true) return;
  notes.say(
    `It has ended once as ${record.state} ${
      when(record.updatedAt, now)
    }, and was put back into queue "${live?.queue ?? ""}" after that`,
  );
}

function arrival(envelope: Envelope, now: number): number {
  const { sentAt, retriedAt, eta } = envelope;
  const times = [sentAt, retriedAt, eta].filter((at) =>
    typeof at === "number" && at <= now
  ) as number[];
  return times.length === 0 ? sentAt : Math.max(...times);
}
