/**
 * The ways of a live message: added, leased, put back, moved, taken out.
 *
 * @module
 */

import type { Message } from "../../src/contracts/mod.ts";
import type { Entry } from "./entry.ts";
import { dropRecord } from "./records.ts";
import type { ConsumerState, MemoryState } from "./state.ts";

/**
 * Adds a message whose id is not live. What is known of an earlier run of the
 * id, ended, is dropped: the task starts over.
 */
export function addMessage(
  state: MemoryState,
  message: Message,
  now: number,
): boolean {
  if (state.entries.has(message.id)) return false;
  if (state.results.get(message.id)?.record.ended) {
    dropRecord(state, message.id);
  }
  const entry: Entry = {
    message,
    seq: 0,
    status: "queued",
    live: true,
    consumer: null,
    token: 0,
    losses: 0,
    cancelled: false,
    terminate: false,
    previous: undefined,
    next: undefined,
  };
  state.entries.set(message.id, entry);
  arrive(state, entry, now);
  return true;
}

/** Gives an entry the last place among the arrivals, ready or scheduled. */
function arrive(state: MemoryState, entry: Entry, now: number): void {
  entry.seq = state.next();
  state.arrivals.add(entry.seq, entry);
  const { eta, queue } = entry.message;
  if (eta !== null && eta > now) {
    entry.status = "scheduled";
    const { schedule } = state.queue(queue);
    state.queue(queue).scheduled++;
    schedule.push(eta, entry.seq, entry);
    // Whoever waits may have to wait for less.
    state.waiters.wake(queue);
  } else {
    makeReady(state, entry);
  }
}

function makeReady(state: MemoryState, entry: Entry): void {
  entry.status = "queued";
  state.queue(entry.message.queue).add(entry);
  state.waiters.wake(entry.message.queue);
}

/** Makes messages of a queue ready whose time has come, by their etas. */
export function promote(state: MemoryState, name: string, now: number): void {
  const queue = state.queues.get(name);
  if (queue === undefined) return;
  for (
    let entry = queue.schedule.pop(now);
    entry !== undefined;
    entry = queue.schedule.pop(now)
  ) {
    makeDue(state, entry);
  }
}

/** Makes a scheduled message ready, whatever its eta: it arrives now. */
export function makeDue(state: MemoryState, entry: Entry): void {
  state.queue(entry.message.queue).scheduled--;
  state.arrivals.remove(entry.seq);
  arrive(state, entry, Infinity);
}

/** Puts a ready message under the lease of a consumer. */
export function lease(
  state: MemoryState,
  entry: Entry,
  consumer: ConsumerState,
  token: number,
): void {
  const queue = state.queue(entry.message.queue);
  queue.remove(entry);
  queue.running++;
  entry.status = "running";
  entry.consumer = consumer.info.id;
  entry.token = token;
  consumer.held.add(entry);
}

/** The entry, if this consumer holds it under this token. */
export function heldEntry(
  state: MemoryState,
  consumer: string,
  id: string,
  token: number,
): Entry | undefined {
  const entry = state.entries.get(id);
  const holds = entry?.consumer === consumer && entry.token === token;
  return holds ? entry : undefined;
}

/** Ends the lease of a message, which is then nowhere. */
function unlease(state: MemoryState, entry: Entry): void {
  state.queue(entry.message.queue).running--;
  if (entry.consumer !== null) {
    state.consumers.get(entry.consumer)?.held.delete(entry);
  }
  entry.consumer = null;
}

/** Puts a leased message back to its place. */
export function putBack(state: MemoryState, entry: Entry): void {
  unlease(state, entry);
  makeReady(state, entry);
}

/** Lets a leased message live on as another one of the same id. */
export function replace(
  state: MemoryState,
  entry: Entry,
  message: Message,
  now: number,
): void {
  unlease(state, entry);
  state.arrivals.remove(entry.seq);
  entry.message = { ...message, id: entry.message.id };
  arrive(state, entry, now);
}

/** Takes a message out, wherever it is. */
export function removeMessage(state: MemoryState, entry: Entry): void {
  if (entry.status === "running") unlease(state, entry);
  else {
    const queue = state.queue(entry.message.queue);
    if (entry.status === "queued") queue.remove(entry);
    else queue.scheduled--;
  }
  entry.live = false;
  state.entries.delete(entry.message.id);
  state.arrivals.remove(entry.seq);
}
