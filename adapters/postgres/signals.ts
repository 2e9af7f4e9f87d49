/**
 * What is said of work: directly to those who wait in this process, by a
 * notification to all others.
 *
 * Notifications make commits queue up behind each other (measured: 13,400
 * small commits per second without, 3,600 with one each). So there is one per
 * statement at most, in the same commit, and one in a while when busy; the
 * last of many is never left out.
 *
 * @module
 */

import type { Agenda } from "./agenda.ts";
import { type Channels, payloadOf, readPayload } from "./channels.ts";
import type { Client } from "./client.ts";
import type { Floors } from "./floors.ts";
import type { Listener } from "./listen.ts";
import { LIMITS_MARK } from "./limits_mark.ts";
import { Waiters } from "../_sql/waiters.ts";

/** The shortest time between two notifications, in ms. */
const PAUSE = 2;
/** The time between two looks when notifications arrive, in ms; jittered. */
const SAFETY_POLL = 5_000;
/** The shortest and the longest time between two looks when they do not. */
const FAST_POLL = 5;
const SLOW_POLL = 250;

/** What is waited for. */
export interface Wait {
  /** Resolves when there may be work. */
  readonly woken: Promise<void>;
  /** Wakes the one who waits. */
  readonly wake: () => void;
  /** Ends the waiting. */
  readonly end: () => void;
}

/** Says and hears that there is work. */
export class Signals {
  /** Tells what this store has said itself. */
  readonly sender: string = crypto.randomUUID().slice(0, 8);
  readonly #client: Client;
  readonly #channels: Channels;
  readonly #listener: Listener | undefined;
  readonly #floors: Floors;
  readonly #agenda: Agenda;
  readonly #waiters = new Waiters();
  readonly #pending = new Set<string>();
  #pendingAny = false;
  #lastSaid = -Infinity;
  #next: ReturnType<typeof setTimeout> | undefined;
  #unlisten: (() => void) | undefined;
  #linger: ReturnType<typeof setTimeout> | undefined;
  #waiting = 0;
  #pollPause = FAST_POLL;

  constructor(
    client: Client,
    channels: Channels,
    listener: Listener | undefined,
    floors: Floors,
    agenda: Agenda,
  ) {
    this.#client = client;
    this.#channels = channels;
    this.#listener = listener;
    this.#floors = floors;
    this.#agenda = agenda;
  }

  /** The channel of this. */
  get channel(): string {
    return this.#channels.work;
  }

  /**
   * What a statement that puts messages into these queues (`null`: any) is to
   * say with its commit; `null` when it is to be silent, since something was
   * said just now.
   */
  offer(queues: readonly string[] | null): string | null {
    const now = performance.now();
    if (now - this.#lastSaid < PAUSE) return null;
    this.#lastSaid = now;
    return this.#payload(queues);
  }

  /**
   * Who says something with a commit about queues that only the statement
   * knows; `null` when it is to be silent, as above.
   */
  offerLater(): string | null {
    return performance.now() - this.#lastSaid < PAUSE ? null : this.sender;
  }

  /** What a transaction of the user's own is to say, heard here as well. */
  offerToAll(queues: readonly string[]): string {
    return payloadOf("", [...new Set(queues)]) ?? "";
  }

  /** To be called after the commit, with what was offered for it. */
  queued(queues: readonly string[] | null, offered: string | null): void {
    if (queues === null) this.#anyWork();
    else this.#someWork(queues);
    if (offered !== null) return;
    if (queues === null) this.#pendingAny = true;
    else for (const queue of queues) this.#pending.add(queue);
    this.#next ??= setTimeout(() => void this.#sayPending(), PAUSE);
  }

  /** Waits for work in these queues, from any process. */
  wait(queues: readonly string[]): Wait {
    const waiter = this.#waiters.add(queues);
    this.#waiting++;
    this.#listen();
    // This also keeps the process alive while somebody waits.
    const timer = setTimeout(waiter.wake, this.#pollTime());
    let ended = false;
    return {
      woken: waiter.woken,
      wake: waiter.wake,
      end: () => {
        if (ended) return;
        ended = true;
        clearTimeout(timer);
        waiter.end();
        this.#waiting--;
      },
    };
  }

  /** Whether what others say is heard. */
  get areHeard(): boolean {
    return this.#listener?.isUp === true && this.#unlisten !== undefined;
  }

  /** Something was found: whoever polls looks again soon. */
  found(): void {
    this.#pollPause = FAST_POLL;
  }

  /** Says what is left to be said. */
  async close(): Promise<void> {
    clearTimeout(this.#linger);
    if (this.#next !== undefined) await this.#sayPending();
    this.#unlisten?.();
  }

  #payload(queues: readonly string[] | null): string {
    const anyQueue = queues === null || this.#pendingAny;
    const names = new Set([...queues ?? [], ...this.#pending]);
    this.#pendingAny = false;
    this.#pending.clear();
    clearTimeout(this.#next);
    this.#next = undefined;
    if (anyQueue) return this.sender;
    return payloadOf(this.sender, [...names]) ?? this.sender;
  }

  async #sayPending(): Promise<void> {
    this.#lastSaid = performance.now();
    const payload = this.#payload([]);
    try {
      await this.#client.run(
        "select pg_notify($1::text, $2::text)",
        [this.channel, payload],
      );
    } catch {
      // Best effort: the others have their slow poll.
    }
  }

  #pollTime(): number {
    if (this.#listener?.isUp) return SAFETY_POLL * (0.8 + 0.4 * Math.random());
    const pause = this.#pollPause * (0.8 + 0.4 * Math.random());
    this.#pollPause = Math.min(SLOW_POLL, this.#pollPause * 1.3);
    return pause;
  }

  #listen(): void {
    if (this.#listener === undefined || this.#unlisten !== undefined) return;
    const { end } = this.#listener.listen(this.channel, {
      heard: (payload) => this.#hear(payload),
      missed: () => this.#anyWork(),
    });
    this.#unlisten = end;
  }

  #hear(payload: string): void {
    const { sender, items } = readPayload(payload);
    if (sender === this.sender) return;
    if (items.length === 0) return this.#anyWork();
    // Numbered when it was sent, committed any time later.
    if (sender === "") this.#floors.distrust();
    this.#someWork(items);
  }

  #someWork(queues: readonly string[]): void {
    if (queues.includes(LIMITS_MARK)) this.#agenda.hear();
    this.#waiters.wake(queues);
  }

  /** Also what has gone back to its place. */
  #anyWork(): void {
    this.#floors.distrust();
    this.#agenda.suspect();
    this.#waiters.wakeAll();
  }
}
