/**
 * The broker in memory.
 *
 * @module
 */

import type {
  Broker,
  CancelOutcome,
  CancelRequest,
  Clock,
  ConsumerInfo,
  Delivery,
  HeartbeatReply,
  Message,
  PublishOptions,
  ReapedConsumer,
  ReserveRequest,
  Settlement,
} from "../../src/contracts/mod.ts";
import { buryMessage } from "./dead_letters.ts";
import { type Entry, toDelivery } from "./entry.ts";
import { countEnds, openGroups } from "./groups.ts";
import {
  addMessage,
  cancelWaiting,
  heldEntry,
  lease,
  promote,
  putBack,
  removeMessage,
  requeue,
} from "./messages.ts";
import { putRecord, tellEnded } from "./records.ts";
import type { ConsumerState, MemoryState } from "./state.ts";

/** How long a consumer that never sent a heartbeat may be silent, in ms. */
const UNREGISTERED_LEASE = 60_000;
/** No timer is longer: an eta may be further off than timers can count. */
const LONGEST_TIMER = 3_600_000;

/** Messages, leases and consumers in memory. */
export class MemoryBroker implements Broker {
  readonly #state: MemoryState;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  #lastServed = "";

  constructor(state: MemoryState, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
  }

  publish(
    batch: readonly Message[],
    { groups = [] }: PublishOptions = {},
  ): Promise<readonly boolean[]> {
    const now = this.#clock.now();
    openGroups(this.#state, groups);
    return resolved(
      batch.map((message) => addMessage(this.#state, message, now)),
    );
  }

  async reserve(request: ReserveRequest): Promise<readonly Delivery[]> {
    for (;;) {
      if (request.signal.aborted || this.#closed.signal.aborted) return [];
      const deliveries = this.#take(request);
      if (deliveries.length > 0 || !request.wait) return deliveries;
      await this.#workOrEnd(request);
    }
  }

  #workOrEnd({ queues, signal }: ReserveRequest): Promise<void> {
    return this.#state.waiters.wait(queues, signal, (wake) => {
      this.#closed.signal.addEventListener("abort", wake);
      const ms = this.#nextDue(queues) - this.#clock.now();
      const stopTimer = this.#clock.timer(
        Math.min(Math.max(0, ms), LONGEST_TIMER),
        wake,
      );
      return () => {
        stopTimer();
        this.#closed.signal.removeEventListener("abort", wake);
      };
    });
  }

  #nextDue(queues: readonly string[]): number {
    let next = this.#state.lines.next() ?? Infinity;
    for (const name of this.#state.unpaused(queues)) {
      const due = this.#state.queues.get(name)?.schedule.next() ?? null;
      if (due !== null) next = Math.min(next, due);
    }
    return next;
  }

  #take(request: ReserveRequest): Delivery[] {
    const { consumer, queues, limit, limited = limit } = request;
    const state = this.#state;
    const now = this.#clock.now();
    const served = state.unpaused(queues);
    for (const queue of served) promote(state, queue, now);
    state.lines.promote(now);
    let room = limited;
    let holder: ConsumerState | undefined;
    let token = 0;
    const taken: Entry[] = [];
    let active = this.#inTurn(served);
    while (taken.length < limit && active.length > 0) {
      const missing = limit - taken.length;
      const share = Math.max(1, Math.floor(missing / active.length));
      active = active.filter((name) => {
        for (let n = 0; n < share && taken.length < limit; n++) {
          const entry = this.#first(name, room > 0, now);
          if (entry === undefined) return false;
          if (entry.line) room--;
          holder ??= this.#consumer(consumer);
          token ||= state.next();
          lease(state, entry, holder, token, now);
          taken.push(entry);
          this.#lastServed = name;
        }
        return true;
      });
    }
    taken.sort(byPriorityAndArrival);
    for (const entry of taken) {
      entry.cancelled ||= state.isRevoked(entry.message.id, now);
    }
    return taken.map(toDelivery);
  }

  /** The next message of a queue to serve. */
  #first(name: string, limited: boolean, now: number): Entry | undefined {
    const plain = this.#state.queues.get(name)?.plain.first;
    const other = limited ? this.#state.lines.first(name, now) : undefined;
    if (plain === undefined || other === undefined) return plain ?? other;
    const isFirst = other.message.priority <= plain.message.priority;
    return isFirst ? other : plain;
  }

  /** The queues in turn, beginning after the one that was served last. */
  #inTurn(queues: readonly string[]): string[] {
    const unique = [...new Set(queues)];
    const start = unique.indexOf(this.#lastServed) + 1;
    return [...unique.slice(start), ...unique.slice(0, start)];
  }

  /** The consumer of this id; one that is unknown is held to be new. */
  #consumer(id: string): ConsumerState {
    let consumer = this.#state.consumers.get(id);
    if (consumer === undefined) {
      consumer = {
        info: { id, name: id, lease: UNREGISTERED_LEASE, details: {} },
        seenAt: this.#clock.now(),
        registered: false,
        held: new Set(),
      };
      this.#state.consumers.set(id, consumer);
    }
    return consumer;
  }

  settle(
    consumer: string,
    batch: readonly Settlement[],
  ): Promise<readonly boolean[]> {
    const now = this.#clock.now();
    const ended: string[] = [];
    const held = batch.map((settlement) => {
      const { id, token, action, result } = settlement;
      const entry = heldEntry(this.#state, consumer, id, token);
      if (entry === undefined) return false;
      switch (action.kind) {
        case "ack":
          removeMessage(this.#state, entry, now);
          break;
        case "release":
          if (action.lost) entry.losses++;
          putBack(this.#state, entry, now);
          break;
        case "requeue":
          requeue(this.#state, entry, action.message, now);
          break;
        case "dead":
          buryMessage(this.#state, entry, action, now);
          break;
        default:
          action satisfies never;
      }
      if (result && putRecord(this.#state, result) && result.ended) {
        ended.push(result.id);
      }
      this.#follow(settlement, now);
      return true;
    });
    tellEnded(this.#state, ended);
    return resolved(held);
  }

  /** Brings about what follows from a settlement. */
  #follow({ publish, groups, ends }: Settlement, now: number): void {
    const state = this.#state;
    for (const message of publish ?? []) addMessage(state, message, now);
    if (groups) openGroups(state, groups);
    if (ends) {
      for (const body of countEnds(state, ends)) addMessage(state, body, now);
    }
  }

  heartbeat(info: ConsumerInfo): Promise<HeartbeatReply> {
    const consumer = this.#consumer(info.id);
    const known = consumer.registered;
    consumer.info = info;
    consumer.registered = true;
    consumer.seenAt = this.#clock.now();
    const cancellations = [...consumer.held]
      .filter((entry) => entry.cancelled)
      .map(({ message, terminate }) => ({ id: message.id, terminate }));
    return resolved({ known, cancellations });
  }

  leave(id: string): Promise<void> {
    const consumer = this.#state.consumers.get(id);
    this.#state.consumers.delete(id);
    this.#takeBack(consumer, 0);
    return resolved(undefined);
  }

  reap(): Promise<readonly ReapedConsumer[]> {
    const now = this.#clock.now();
    const reaped: ReapedConsumer[] = [];
    for (const consumer of [...this.#state.consumers.values()]) {
      const { info, seenAt } = consumer;
      if (seenAt + info.lease > now) continue;
      this.#state.consumers.delete(info.id);
      const returned = this.#takeBack(consumer, 1);
      reaped.push({ id: info.id, name: info.name, returned });
    }
    return resolved(reaped);
  }

  #takeBack(consumer: ConsumerState | undefined, loss: number): string[] {
    const now = this.#clock.now();
    // The latest first: each is then the first of its row.
    const entries = [...consumer?.held ?? []].sort((a, b) => b.seq - a.seq);
    for (const entry of entries) {
      entry.losses += loss;
      putBack(this.#state, entry, now);
    }
    return entries.map((entry) => entry.message.id).reverse();
  }

  cancel(batch: readonly CancelRequest[]): Promise<readonly CancelOutcome[]> {
    const now = this.#clock.now();
    const ended: string[] = [];
    const outcomes = batch.map((request): CancelOutcome => {
      const entry = this.#state.entries.get(request.id);
      if (entry === undefined) {
        this.#remember(request, now);
        return "unknown";
      }
      if (entry.status === "running" || request.keep) {
        if (entry.status === "running") entry.cancelled = true;
        else cancelWaiting(this.#state, entry, now);
        entry.terminate ||= request.terminate;
        return "running";
      }
      removeMessage(this.#state, entry, now);
      const { result } = request;
      if (result && putRecord(this.#state, result) && result.ended) {
        ended.push(result.id);
      }
      return "removed";
    });
    tellEnded(this.#state, ended);
    return resolved(outcomes);
  }

  #remember({ id, rememberUntil }: CancelRequest, now: number): void {
    const { revoked } = this.#state;
    for (const [old, until] of revoked) {
      // The oldest come first, and most are remembered equally long.
      if (until > now) break;
      revoked.delete(old);
    }
    revoked.set(id, Math.max(rememberUntil, revoked.get(id) ?? 0));
  }

  pause(queues: readonly string[], paused: boolean): Promise<void> {
    for (const queue of queues) {
      if (paused) this.#state.paused.add(queue);
      else if (this.#state.paused.delete(queue)) {
        this.#state.waiters.wake(queue);
      }
    }
    return resolved(undefined);
  }

  holders(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    const now = this.#clock.now();
    return resolved(keys.map((key) => this.#state.keys.holder(key, now)));
  }

  purge(queues: readonly string[]): Promise<number> {
    const names = new Set(queues);
    const doomed = [...this.#state.entries.values()].filter((entry) =>
      entry.status !== "running" && names.has(entry.message.queue)
    );
    const now = this.#clock.now();
    for (const entry of doomed) removeMessage(this.#state, entry, now);
    return resolved(doomed.length);
  }

  /** Ends every wait. */
  close(): void {
    this.#closed.abort();
  }
}

function byPriorityAndArrival(a: Entry, b: Entry): number {
  return a.message.priority - b.message.priority || a.seq - b.seq;
}

function resolved<T>(value: T): Promise<T> {
  return Promise.resolve(value);
}
