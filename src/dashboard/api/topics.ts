/**
 * What a stream can tell of, and what each topic says: equal texts mean that
 * nothing has changed.
 *
 * @module
 */

import type { DashboardData } from "../data/types/data.ts";
import type { Overview } from "../data/types/overview.ts";

/** What can be listened to; `task:<id>` is one task. */
export const TOPICS: readonly string[] = [
  ...["stats", "tasks", "queues", "workers", "attention"],
  ...["schedules", "dead"],
];

const TASK = "task:";
/** So much of lists is looked at for changes. */
const LISTED = 100;

/** Whether there is such a topic. */
export function isTopic(topic: string): boolean {
  return TOPICS.includes(topic) ||
    topic.startsWith(TASK) && topic.length > TASK.length;
}

/** What these topics say; what nobody listens to is not asked for. */
export async function sayTopics(
  data: DashboardData,
  topics: ReadonlySet<string>,
): Promise<ReadonlyMap<string, string>> {
  const said = [...topics].map(async (topic) =>
    [topic, JSON.stringify(await say(data, topic))] as const
  );
  return new Map(await Promise.all(said));
}

async function say(
  data: DashboardData,
  topic: string,
): Promise<unknown> {
  if (topic.startsWith(TASK)) {
    const task = await data.task(topic.slice(TASK.length));
    if (task === null) return null;
    const { state, updatedAt, worker, retries, cancelled } = task;
    return { state, updatedAt, worker, retries, cancelled };
  }
  if (topic === "dead") {
    const { letters } = await data.deadLetters({ limit: LISTED });
    return letters.map(({ key, id }) => [key, id]);
  }
  if (topic === "schedules") {
    const { schedules, leader } = await data.schedules({ limit: LISTED });
    return { schedules, leader };
  }
  const overview = await data.overview();
  if (topic !== "workers") return partOf(overview, topic);
  // One that stands still changes in nothing else before its lease is over.
  const unanswering = await data.unanswering();
  return overview.workers.map(({ seenAt: _, ...worker }) => ({
    ...worker,
    answers: worker.online && !unanswering.includes(worker.name),
  }));
}

function partOf(
  { totals, counts, history, running, failures, ...overview }: Overview,
  topic: string,
): unknown {
  switch (topic) {
    case "stats":
      return { totals, latest: history.points.slice(-2) };
    case "tasks":
      return {
        states: counts.states,
        running: running.map(({ id, state }) => [id, state]),
        failures: failures.map(({ id }) => id),
      };
    case "queues":
      return overview.queues.map(({ oldestAge: _, ...queue }) => queue);
    default:
      return overview.attention.map(({ text: _, ...each }) => each);
  }
}
