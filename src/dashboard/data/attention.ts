/**
 * What needs a person: each rule is a function, and says its arithmetic.
 *
 * @module
 */

import { count } from "../../words.ts";
import type { QueueRow, WorkerRow } from "./types/fleet.ts";
import type { Attention, History } from "./types/overview.ts";

/** A task that waits longer than this is named, in ms. */
const OLD = 300_000;
/** A share of failures from here on is named, if there are so many. */
const FAILING = 0.2;
const FEWEST_FAILURES = 10;
/** Failures are looked at over so many minutes. */
const WINDOW = 5;
const RECENT = 3_600_000;

/** What rules look at. */
export interface Situation {
  /** Epoch ms. */
  readonly now: number;
  readonly queues: readonly QueueRow[];
  readonly workers: readonly WorkerRow[];
  /** The last hour, by minute. */
  readonly history: History;
  /** When the latest dead letters died. */
  readonly diedAt: readonly number[];
  /** Whether there are schedule entries, and the beat that leads. */
  readonly schedule: { readonly any: boolean; readonly leader: string | null };
  /** What is a danger about the store. */
  readonly warnings: readonly string[];
}

const SEVERITIES = ["high", "medium", "low"] as const;

/** What needs a person, the worst first. */
export function attentionTo(situation: Situation): readonly Attention[] {
  const all = [
    ...situation.queues.flatMap(unserved),
    ...situation.queues.flatMap(waitsLong),
    ...situation.queues.flatMap(paused),
    ...situation.workers.flatMap((worker) => silent(worker, situation.now)),
    ...failing(situation),
    ...died(situation),
    ...leaderless(situation),
    ...situation.warnings.map((text): Attention => ({
      rule: "store",
      severity: "low",
      subject: { kind: "store", name: "store" },
      text,
      since: null,
    })),
  ];
  return all.sort((a, b) =>
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    (a.since ?? Infinity) - (b.since ?? Infinity)
  );
}

function unserved(queue: QueueRow): Attention[] {
  const { name, queued, paused, consumers, oldestAt } = queue;
  if (queued === 0 || paused || consumers.length > 0) return [];
  return [{
    rule: "no-consumer",
    severity: "high",
    subject: { kind: "queue", name },
    text: `${tasks(queued)} in queue ${name}, and no worker serves it`,
    since: oldestAt,
  }];
}

function waitsLong(queue: QueueRow): Attention[] {
  const { name, paused, consumers, oldestAge, oldestAt } = queue;
  if (oldestAge === null || oldestAge < OLD || paused) return [];
  if (consumers.length === 0) return [];
  return [{
    rule: "old-queue",
    severity: "medium",
    subject: { kind: "queue", name },
    text: `The oldest task of queue ${name} waits for ${
      Math.round(oldestAge / 60_000)
    } min, with ${queue.queued} in the queue and ${
      count(consumers.length, "worker")
    }`,
    since: oldestAt,
  }];
}

function paused({ name, paused, queued, oldestAt }: QueueRow): Attention[] {
  if (!paused || queued === 0) return [];
  return [{
    rule: "paused",
    severity: "low",
    subject: { kind: "queue", name },
    text: `Queue ${name} is paused, and ${tasks(queued)}`,
    since: oldestAt,
  }];
}

function silent(worker: WorkerRow, now: number): Attention[] {
  const { name, online, held, seenAt } = worker;
  if (online || held === 0) return [];
  return [{
    rule: "silent-worker",
    severity: "high",
    subject: { kind: "worker", name },
    text: `Worker ${name} is silent for ${
      Math.round((now - seenAt) / 1_000)
    } s and holds ${count(held, "task")}: another worker takes them back`,
    since: seenAt,
  }];
}

function failing({ history }: Situation): Attention[] {
  const latest = history.points.slice(-WINDOW);
  const failed = latest.reduce((sum, point) => sum + point.failed, 0);
  const all = failed + latest.reduce((sum, point) => sum + point.succeeded, 0);
  if (failed < FEWEST_FAILURES || failed / all < FAILING) return [];
  return [{
    rule: "failing",
    severity: "high",
    subject: { kind: "task", name: "*" },
    text: `${failed} of ${all} tasks (${
      Math.round(failed / all * 100)
    } %) failed within ${WINDOW} min`,
    since: latest.find((point) => point.failed > 0)?.at ?? null,
  }];
}

function died({ now, diedAt }: Situation): Attention[] {
  const recent = diedAt.filter((at) => now - at <= RECENT);
  if (recent.length === 0) return [];
  return [{
    rule: "dead-letters",
    severity: "medium",
    subject: { kind: "dead", name: "dead letters" },
    text: `${recent.length}${
      recent.length === diedAt.length && recent.length >= 20 ? " or more" : ""
    } new ${
      recent.length === 1 ? "dead letter" : "dead letters"
    } within an hour`,
    since: Math.min(...recent),
  }];
}

function leaderless({ schedule }: Situation): Attention[] {
  if (!schedule.any || schedule.leader !== null) return [];
  return [{
    rule: "no-beat",
    severity: "high",
    subject: { kind: "schedule", name: "beat" },
    text: "There are schedule entries, and no beat runs that sends them",
    since: null,
  }];
}

function tasks(number: number): string {
  return count(number, "task waits", "tasks wait");
}
