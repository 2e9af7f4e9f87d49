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
 * Adds a message whose id is not live and whose unique key nobody has, or
 * puts it in the place of the one of its id. What is known of an earlier run
 * of the id, ended, is dropped: the task starts over.
 */
export function addMessage(
  state: MemoryState,
  message: Message,
  now: number,
): boolean {
  const live = state.entries.get(message.id);
  if (!state.keys.isFree(message, now)) return false;
  if (message.replace) return takePlace(state, live, message, now);
  if (live !== undefined) return false;
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
    takesRoom: false,
    line: undefined,
    previous: undefined,
    next: undefined,
  };
  state.entries.set(message.id, entry);
  state.keys.claim(message, now);
  arrive(state, entry, now);
  return true;
}

/** Lets a message that waits become another one of its id. */
function takePlace(
  state: MemoryState,
  entry: Entry | undefined,
  message: Message,
  now: number,
): boolean {
  if (entry === undefined || entry.status === "running") return false;
  leavePlace(state, entry, now);
  become(state, entry, message, now);
  return true;
}

function become(
  state: MemoryState,
  entry: Entry,
  message: Message,
  now: number,
): void {
  state.keys.release(entry.message);
  state.arrivals.remove(entry.seq);
  entry.message = { ...message, id: entry.message.id };
  state.keys.claim(entry.message, now);
  arrive(state, entry, now);
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
    makeReady(state, entry, now);
  }
}

function makeReady(state: MemoryState, entry: Entry, now: number): void {
  const { id, limits, queue: name } = entry.message;
  const queue = state.queue(name);
  entry.status = "queued";
  queue.queued++;
  // What is cancelled passes all limits, so it must be known here.
  if (limits) entry.cancelled ||= state.isRevoked(id, now);
  if (limits && !entry.cancelled) state.lines.add(entry, limits);
  else queue.plain.add(entry);
  state.waiters.wake(name);
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
    queue.scheduled--;
    makeDue(state, entry, now);
  }
}

/** Lets a message that waits be delivered as cancelled, at once. */
export function cancelWaiting(
  state: MemoryState,
  entry: Entry,
  now: number,
): void {
  entry.cancelled = true;
  if (entry.status === "queued" && entry.line === undefined) return;
  const wasScheduled = entry.status === "scheduled";
  leavePlace(state, entry, now);
  if (wasScheduled) makeDue(state, entry, now);
  else makeReady(state, entry, now);
}

/** A message is ready, whatever its eta: it arrives now. */
function makeDue(state: MemoryState, entry: Entry, now: number): void {
  state.arrivals.remove(entry.seq);
  entry.seq = state.next();
  state.arrivals.add(entry.seq, entry);
  makeReady(state, entry, now);
}

/** Puts a ready message under the lease of a consumer. */
export function lease(
  state: MemoryState,
  entry: Entry,
  consumer: ConsumerState,
  token: number,
  now: number,
): void {
  if (entry.line) {
    entry.takesRoom = true;
    state.lines.take(entry, now);
  }
  leavePlace(state, entry, now);
  state.keys.lease(entry.message);
  state.queue(entry.message.queue).running++;
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
function unlease(state: MemoryState, entry: Entry, now: number): void {
  state.queue(entry.message.queue).running--;
  if (entry.consumer !== null) {
    state.consumers.get(entry.consumer)?.held.delete(entry);
  }
  entry.consumer = null;
  if (entry.takesRoom) state.lines.giveBack(entry, now);
  entry.takesRoom = false;
}

/** Puts a leased message back to its place. */
export function putBack(state: MemoryState, entry: Entry, now: number): void {
  unlease(state, entry, now);
  state.keys.claim(entry.message, now);
  makeReady(state, entry, now);
}

/** Lets a leased message live on as another one of the same id. */
export function requeue(
  state: MemoryState,
  entry: Entry,
  message: Message,
  now: number,
): void {
  unlease(state, entry, now);
  become(state, entry, message, now);
}

/** Takes a message out, wherever it is. */
export function removeMessage(
  state: MemoryState,
  entry: Entry,
  now: number,
): void {
  if (entry.status === "running") unlease(state, entry, now);
  else leavePlace(state, entry, now);
  state.keys.release(entry.message);
  entry.live = false;
  state.entries.delete(entry.message.id);
  state.arrivals.remove(entry.seq);
}

/** Takes a message that waits from its place. */
function leavePlace(state: MemoryState, entry: Entry, now: number): void {
  const queue = state.queue(entry.message.queue);
  if (entry.status === "scheduled") {
    queue.scheduled--;
    return;
  }
  queue.queued--;
  if (entry.line) state.lines.remove(entry, entry.line, now);
  else queue.plain.remove(entry);
}
