/**
 * Which queues are paused: a table of their names, empty as a rule.
 *
 * @module
 */

import type { Client } from "./client.ts";
import type { Exceptions } from "./exceptions.ts";
import { allTuples, textOut } from "./rows.ts";

const PAUSE = "insert into lovage_paused (queue) values (?) " +
  "on conflict (queue) do nothing";
const RESUME = "delete from lovage_paused where queue = ?";
const IS_PAUSED = "select 1 from lovage_paused where queue = ?";
const PAUSED = "select queue from lovage_paused";

/** Pauses queues, or resumes them. To be called inside a transaction. */
export function setPaused(
  client: Client,
  queues: readonly string[],
  paused: boolean,
): void {
  const statement = client.statement(paused ? PAUSE : RESUME);
  for (const queue of queues) statement.run(queue);
}

/** Those of these queues that are not paused. */
export function unpaused(
  client: Client,
  queues: readonly string[],
  { paused }: Exceptions,
): readonly string[] {
  if (!paused) return queues;
  const isPaused = client.tuples(IS_PAUSED);
  return queues.filter((queue) => isPaused.get(queue) === undefined);
}

/** The names of all queues that are paused. */
export function pausedQueues(client: Client): string[] {
  return allTuples(client.tuples(PAUSED)).map(([queue]) => textOut(queue));
}
