/**
 * Of tasks that a worker holds.
 *
 * @module
 */

import type { Notes, Whereabouts } from "./explanation.ts";
import type { Asked, Facts } from "./facts.ts";
import { tellLosses } from "./waiting.ts";
import { rateText } from "../../options.ts";
import { argument, count, span, timeAndAge, when } from "../../words.ts";
import { growth, type KnownWorker } from "./workers.ts";

/** Of a task under lease. */
export function tellHeld(facts: Facts, notes: Notes): Whereabouts {
  const { live, workers } = facts;
  const holder = workers.find(({ id }) => id === live?.consumer);
  if (holder === undefined) {
    notes.holds(
      "lease",
      `It is held by a worker that the store does not know any more (${live?.consumer}): a live worker puts it back into queue "${live?.queue}" soon`,
    );
    tellHeirs(facts, notes);
  } else if (holder.alive) tellAlive(facts, holder, notes);
  else tellSilent(facts, holder, notes);
  tellLosses(facts, notes);
  if (live?.cancelled === true) tellCancelled(facts, notes);
  return "held";
}

/** Of a task that was acknowledged before its run: only its worker has it. */
export function tellAtMostOnce(
  facts: Facts,
  holder: NonNullable<Asked["holder"]>,
  notes: Notes,
): Whereabouts {
  tellStage(facts, holder, undefined, notes);
  notes.say(
    `It runs at most once (acksLate: false), so that only worker ${holder.worker} has it: if that is lost, the task is`,
  );
  return "held";
}

function tellAlive(facts: Facts, holder: KnownWorker, notes: Notes): void {
  const { asked, live, now } = facts;
  if (asked?.holder) return tellStage(facts, asked.holder, holder, notes);
  const started = facts.record?.ended === true
    ? undefined
    : facts.meta.times["STARTED"];
  notes.passes(
    "slot",
    `Worker ${holder.name} holds it, from queue "${live?.queue}"` +
      (started === undefined ? "" : `, and began it ${when(started, now)}`),
  );
  if (asked === null || asked.silent.length > 0) {
    tellUnanswered(facts, holder, notes);
  } else {
    notes.doubts(
      "lease",
      "The worker has just ended it or given it back: ask again",
    );
  }
}

/** It may be gone: what was killed is alive to the store until its lease ends. */
function tellUnanswered(
  { now, workers }: Facts,
  { name, silent, lease }: KnownWorker,
  notes: Notes,
): void {
  const heard = now - silent;
  notes.doubts(
    "lease",
    `The worker did not answer when it was asked: it is busy, of another version, or gone. It was last heard of ${
      when(heard, now)
    }`,
  );
  const others = workers.some((other) => other.alive && other.name !== name);
  notes.say(
    `If it stays silent, its lease ends ${when(heard + lease, now)}: ` +
      (others
        ? "then another worker takes its tasks over, and counts a loss on each"
        : "then the first other worker to start takes its tasks over"),
  );
}

function tellStage(
  facts: Facts,
  { worker, stage, info }: NonNullable<Asked["holder"]>,
  holder: KnownWorker | undefined,
  notes: Notes,
): void {
  const { now, meta, policy, envelope, record } = facts;
  const received = typeof info.receivedAt === "number"
    ? `, which took it ${when(info.receivedAt, now)}`
    : "";
  if (stage === "active") {
    const began = record?.ended === true
      ? undefined
      : meta.times["STARTED"] ?? numberOf(info.startedAt);
    notes.passes(
      "run",
      `It runs in worker ${worker}` +
        (began === undefined ? received : `, since ${timeAndAge(began, now)}`) +
        (numberOf(info.workerPid) === undefined
          ? ""
          : `, as process ${info.workerPid}`),
    );
    const limit = envelope?.timeLimit ?? policy?.timeLimit ?? null;
    if (typeof limit === "number" && limit > 0) {
      notes.say(`It is ended by force once it has run for ${span(limit)}`);
    }
    return;
  }
  if (stage === "scheduled") {
    const limit = policy?.rateLimit ?? null;
    notes.holds(
      "limit",
      `It waits in worker ${worker}${received}, for its turn under ` +
        (limit === null
          ? "its rate limit"
          : `its rate limit of ${rateText(limit)} per worker`) +
        ", which comes within a second",
    );
    return;
  }
  notes.holds(
    "slot",
    `It waits in worker ${worker}${received}, for a free slot`,
  );
  if (holder !== undefined && holder.slots !== null) {
    notes.say(
      `That worker holds ${count(holder.held, "task")} in ${
        count(holder.slots, "slot")
      }`,
    );
  }
  notes.advise(`lovage inspect active -d ${argument(worker)}`);
  notes.advise(
    `${growth(holder === undefined ? [] : [holder])} -d ${argument(worker)}`,
  );
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function tellSilent(facts: Facts, holder: KnownWorker, notes: Notes): void {
  notes.holds(
    "lease",
    `It is held by worker ${holder.name}, which was silent for ${
      span(holder.silent)
    }, longer than its lease of ${
      span(holder.lease)
    }: it has died or does not reach the store`,
  );
  tellHeirs(facts, notes);
}

/** Who takes back what a silent worker held. */
function tellHeirs({ workers, live }: Facts, notes: Notes): void {
  const alive = workers.filter((worker) => worker.alive);
  if (alive.length === 0) {
    notes.say(
      "No worker is alive: the first one to start takes its tasks over",
    );
    notes.advise(`lovage worker --queues ${argument(live?.queue ?? "")}`);
    return;
  }
  const soon = Math.min(...alive.map(({ lease }) => lease / 3));
  notes.say(
    `A live worker takes its tasks over within ${
      span(soon)
    }, and counts a loss on each`,
  );
}

function tellCancelled({ id }: Facts, notes: Notes): void {
  notes.holds(
    "revocation",
    "It was revoked: its worker was asked to stop it, and it goes on until its code looks at self.signal or comes to an end",
  );
  notes.advise(`lovage revoke ${argument(id)} --terminate`);
}
