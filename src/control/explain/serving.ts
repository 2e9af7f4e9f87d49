/**
 * Who serves the queue of a task, and what is in the way.
 *
 * @module
 */

import { nearest } from "../../options.ts";
import type { Notes } from "./explanation.ts";
import type { Facts } from "./facts.ts";
import { growth, type KnownWorker } from "./workers.ts";
import { argument, count, list, span } from "../../words.ts";

/** What is in the way, or when a task that is ready will be taken. */
export function tellServing(facts: Facts, notes: Notes): void {
  if (tellObstacles(facts, notes)) return;
  const serving = servingAlive(facts);
  tellSlots(facts, serving, notes);
}

/**
 * What keeps every task of the queue from being taken.
 *
 * @returns whether there is anything
 */
export function tellObstacles(facts: Facts, notes: Notes): boolean {
  const queue = facts.live?.queue ?? "";
  const paused = facts.queues.some((each) =>
    each.queue === queue && each.paused
  );
  if (paused) {
    notes.holds(
      "pause",
      `Queue "${queue}" is paused: nothing is taken from it until it is resumed`,
    );
    notes.advise(`lovage control resume ${argument(queue)}`);
  } else notes.passesQuietly("pause", `Queue "${queue}" is not paused`);
  const serving = servingAlive(facts);
  if (serving.length > 0) {
    notes.passesQuietly("worker", `It is served: ${servers(serving)}`);
    return paused;
  }
  tellNobody(facts, queue, notes);
  return true;
}

function tellNobody(
  { workers }: Facts,
  queue: string,
  notes: Notes,
): void {
  const alive = workers.filter((worker) => worker.alive);
  for (const worker of workers) {
    if (worker.alive || !worker.queues.includes(queue)) continue;
    notes.say(
      `Worker ${worker.name} serves queue "${queue}", but was silent for ${
        span(worker.silent)
      }, longer than its lease of ${
        span(worker.lease)
      }: it has died or does not reach the store`,
    );
  }
  notes.holds("worker", `No live worker serves queue "${queue}"`);
  const others = [...new Set(alive.flatMap(({ queues }) => queues))].toSorted();
  notes.say(
    alive.length === 0
      ? "No worker is alive at all"
      : `Queues that live workers serve: ${list(others.map(quoted), 10)} (${
        list(alive.map(({ name }) => name))
      })`,
  );
  const near = nearest(queue, others);
  if (near !== undefined) {
    notes.say(`Was queue "${near}" meant?`);
  }
  notes.advise(`lovage worker --queues ${argument(queue)}`);
  if (alive.length > 0) {
    notes.advise(`lovage control add-consumer ${argument(queue)}`);
  }
}

function tellSlots(
  { before }: Facts,
  serving: readonly KnownWorker[],
  notes: Notes,
): void {
  const slots = serving.reduce((sum, each) => sum + (each.slots ?? 0), 0);
  const held = serving.reduce((sum, each) => sum + each.held, 0);
  if (before === null) {
    notes.holds("turn", "More tasks are before it than were counted");
  } else if (before > 0) {
    notes.holds(
      "turn",
      `${count(before, "task")} of its queue ${
        before === 1 ? "is" : "are"
      } served before it`,
    );
  } else notes.passesQuietly("turn", "No task is served before it");
  const who = servers(serving);
  if (slots === 0) notes.doubts("slot", who);
  else if (held < slots) {
    notes.passes(
      "slot",
      `${who}, with ${count(slots - held, "slot")} of ${slots} free`,
    );
  }
  if (slots === 0 || held < slots) {
    if (before === 0) notes.say("It should be taken at once");
    return;
  }
  notes.holds(
    "slot",
    `${who}, all ${count(slots, "slot")} taken: they hold ${
      count(held, "task")
    }, and it waits for one of these to end`,
  );
  notes.advise("lovage inspect active");
  notes.advise(growth(serving));
}

function servers(serving: readonly KnownWorker[]): string {
  return `${count(serving.length, "live worker")} ${
    serving.length === 1 ? "serves" : "serve"
  } its queue (${list(serving.map(({ name }) => name))})`;
}

function servingAlive({ workers, live }: Facts): readonly KnownWorker[] {
  const queue = live?.queue ?? "";
  return workers.filter(({ alive, queues }) => alive && queues.includes(queue));
}

function quoted(name: string): string {
  return `"${name}"`;
}
