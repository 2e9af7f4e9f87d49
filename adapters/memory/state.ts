/**
 * The data behind one or more memory stores.
 *
 * @module
 */

import type {
  BusListener,
  ConsumerInfo,
  DeadLetter,
  EndedListener,
  HistoryCounts,
  ResultRecord,
} from "../../src/contracts/mod.ts";
import type { Entry } from "./entry.ts";
import type { Group } from "./groups.ts";
import { Heap } from "./heap.ts";
import { Lines } from "./lines.ts";
import { Log } from "./log.ts";
import { Queue } from "./queue.ts";
import { Schedules } from "./schedules.ts";
import { UniqueKeys } from "./unique_keys.ts";
import { Waiters } from "./waiters.ts";

/** A consumer and what it holds. */
export interface ConsumerState {
  info: ConsumerInfo;
  seenAt: number;
  /** False for one that reserves without ever having sent a heartbeat. */
  registered: boolean;
  readonly held: Set<Entry>;
}

/** A result record and its place in the order of storing. */
export interface ResultEntry {
  readonly seq: number;
  readonly record: ResultRecord;
}

/** Everything that a memory store knows. */
export class MemoryState {
  /** Live messages by id. */
  readonly entries = new Map<string, Entry>();
  /** Live messages in the order of arrival. */
  readonly arrivals = new Log<Entry>();
  readonly queues = new Map<string, Queue>();
  readonly lines = new Lines(this);
  readonly keys = new UniqueKeys();
  /** The names of the queues that nothing is taken from. */
  readonly paused = new Set<string>();
  readonly consumers = new Map<string, ConsumerState>();
  /** Ids that were cancelled before they came, until when. */
  readonly revoked = new Map<string, number>();
  readonly results = new Map<string, ResultEntry>();
  readonly resultLog = new Log<ResultRecord>();
  readonly resultExpiry = new Heap<ResultRecord>((record, _at, seq) =>
    this.results.get(record.id)?.seq === seq
  );
  readonly resultCounts = new Map<string, number>();
  readonly groups = new Map<string, Group>();
  readonly groupExpiry = new Heap<Group>((group) =>
    this.groups.get(group.id) === group
  );
  readonly dead = new Map<string, DeadLetter>();
  readonly deadLog = new Log<DeadLetter>();
  readonly schedules = new Schedules();
  /** What was counted, by step, time and series. */
  readonly history = new Map<string, HistoryCounts>();
  readonly waiters = new Waiters();
  readonly endedListeners = new Set<EndedListener>();
  readonly busListeners = new Map<string, Set<BusListener>>();
  /** How many stores share this. */
  users = 0;
  #last = 0;

  /** The next number of arrival; also what fences leases. */
  next(): number {
    return ++this.#last;
  }

  /** The queue of this name. */
  queue(name: string): Queue {
    let queue = this.queues.get(name);
    if (queue === undefined) this.queues.set(name, queue = new Queue());
    return queue;
  }

  /** Whether this id was cancelled before it came. */
  isRevoked(id: string, now: number): boolean {
    if (this.revoked.size === 0) return false;
    const until = this.revoked.get(id);
    return until !== undefined && until > now;
  }

  /** Those of these queues that are not paused. */
  unpaused(names: readonly string[]): readonly string[] {
    if (this.paused.size === 0) return names;
    return names.filter((name) => !this.paused.has(name));
  }
}

const named = new Map<string, MemoryState>();

/** The state of this name, or a new one. */
export function stateOf(name: string | undefined): MemoryState {
  if (name === undefined) return new MemoryState();
  let state = named.get(name);
  if (state === undefined) named.set(name, state = new MemoryState());
  return state;
}

/** Counts one more user of a state. */
export function retainState(
  name: string | undefined,
  state: MemoryState,
): void {
  state.users++;
  if (name !== undefined) named.set(name, state);
}

/** Forgets the state of this name when its last user is gone. */
export function releaseState(
  name: string | undefined,
  state: MemoryState,
): void {
  state.users--;
  if (name !== undefined && state.users === 0) named.delete(name);
}
