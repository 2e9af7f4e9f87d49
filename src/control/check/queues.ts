/**
 * Checks of the queues: each is to be served, and to be served in time.
 *
 * @module
 */

import type { QueueStats } from "../../contracts/inspector.ts";
import { nearest } from "../../options.ts";
import { argument, count, list, span } from "../../words.ts";
import type { CheckContext } from "./context.ts";
import { type Finding, fine, problem, warning } from "./finding.ts";

/** Ready tasks that wait for longer are a backlog, in ms. */
const LONG_WAIT = 300_000;

/** Queues are to have consumers, not to be paused, and not to fill up. */
export function checkQueues(context: CheckContext): readonly Finding[] {
  const { queues, workers } = context.running;
  const served = new Set(
    workers.filter(({ alive }) => alive).flatMap((worker) => worker.queues),
  );
  const found = [
    ...queues.flatMap((queue) => unserved(queue, served)),
    ...unservedNames(context, served),
    ...queues.flatMap(paused),
    ...queues.flatMap((queue) => backlog(context, queue, served)),
  ];
  if (found.length > 0) return found;
  return [fine("queues", "All queues are served, and none has a backlog")];
}

function unserved(
  { queue, queued, scheduled }: QueueStats,
  served: ReadonlySet<string>,
): readonly Finding[] {
  if (served.has(queue) || queued + scheduled === 0) return [];
  const near = nearest(queue, [...served]);
  return [problem(
    "queues",
    `No live worker serves queue "${queue}", in which ${
      count(queued + scheduled, "task")
    } wait${queued + scheduled === 1 ? "s" : ""}` +
      (near === undefined ? "" : `; was "${near}" meant?`),
    `lovage worker --queues ${argument(queue)}`,
  )];
}

/** Queues that the app names and nobody serves, though nothing waits there. */
function unservedNames(
  { app, running }: CheckContext,
  served: ReadonlySet<string>,
): readonly Finding[] {
  const filled = new Set(
    running.queues.filter(({ queued, scheduled }) => queued + scheduled > 0)
      .map(({ queue }) => queue),
  );
  const names = (app?.queues ?? []).filter((name) =>
    !served.has(name) && !filled.has(name)
  );
  if (names.length === 0) return [];
  return [warning(
    "queues",
    `The app names ${
      names.length === 1 ? "a queue" : "queues"
    } that no live worker serves: ${list(names, 10)}`,
    `lovage worker --queues ${names.map(argument).join(",")}`,
  )];
}

function paused({ queue, paused, queued }: QueueStats): readonly Finding[] {
  if (!paused) return [];
  return [warning(
    "queues",
    `Queue "${queue}" is paused, and ${count(queued, "task")} of it ${
      queued === 1 ? "is" : "are"
    } ready`,
    `lovage control resume ${argument(queue)}`,
  )];
}

function backlog(
  { running }: CheckContext,
  { queue, queued, paused }: QueueStats,
  served: ReadonlySet<string>,
): readonly Finding[] {
  const wait = running.oldest[queue] ?? 0;
  if (paused || !served.has(queue) || wait < LONG_WAIT) return [];
  return [warning(
    "queues",
    `Queue "${queue}" has a backlog of ${
      count(queued, "task")
    }: one has been ready for ${span(wait)}`,
    `More slots or workers: lovage control pool-grow, or lovage worker --queues ${
      argument(queue)
    }`,
  )];
}
