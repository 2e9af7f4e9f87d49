/**
 * Watching what happens: `app.events`.
 *
 * @module
 */

import type { Internals } from "../internals.ts";
import { ClusterState } from "./cluster_state.ts";
import { readEvents } from "./event_wire.ts";
import {
  ASKED_TOPIC,
  EVENTS_TOPIC,
  type MonitorEvent,
  WATCH_INTERVAL,
  WATCH_LEASE,
  WATCHED_TOPIC,
  watchedText,
} from "./monitor_event.ts";

/** So many events wait for who reads them. */
const MOST_WAITING = 50_000;

/** The events of all workers of an app's store. */
export class Events {
  readonly #app: Internals;

  /** Nothing is connected yet. */
  constructor(app: Internals) {
    this.#app = app;
  }

  /**
   * Watches. Workers tell events only while somebody does; the first come as
   * soon as they have heard of it. Use it with `await using`, or close it.
   *
   * @throws {StoreError} when the store does not answer
   */
  async stream(): Promise<EventStream> {
    const { stores } = this.#app;
    const { broker } = stores.opened ?? await stores.open();
    const clock = this.#app.clock();
    const stream = new EventStream(() => clock.now());
    const ends: (() => void)[] = [];
    let cancel = () => {};
    stream.onClose(() => {
      cancel();
      for (const end of ends) end();
    });
    const say = (begins: boolean) => {
      cancel();
      cancel = clock.timer(WATCH_INTERVAL, again);
      return broker.bus.broadcast(
        WATCHED_TOPIC,
        watchedText({ lease: WATCH_LEASE, begins, clock: stream.clock }),
      );
    };
    const again = () => void say(false).catch(() => {});
    try {
      ends.push(
        await broker.bus.subscribe(EVENTS_TOPIC, (payload) => {
          for (const event of readEvents(payload)) stream.push(event);
        }),
        await broker.bus.subscribe(ASKED_TOPIC, again),
      );
      await say(true);
    } catch (error) {
      await stream.close();
      throw error;
    }
    return stream;
  }
}

/**
 * Events as they come, to be iterated over, and what is known from them so far.
 */
export class EventStream implements AsyncDisposable {
  /** What is known of workers and tasks. */
  readonly state: ClusterState = new ClusterState();
  #waiting: MonitorEvent[] = [];
  // How many of them were dropped, which stay at the front for a while: to
  // take the first of a long list out each time costs more than to read it.
  #skipped = 0;
  #clock = 0;
  #dropped = 0;
  #closed = false;
  readonly #now: () => number;
  #wake: () => void = () => {};
  #onClose: () => void = () => {};

  /**
   * Use `app.events.stream()`.
   *
   * @param now the time of who watches, epoch ms
   */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many events were lost, as they were not read in time. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The latest `clock` that was heard. */
  get clock(): number {
    return this.#clock;
  }

  /** Takes an event in. For who fills the stream. */
  push(event: MonitorEvent): void {
    if (this.#closed) return;
    this.state.take(event, this.#now());
    if ((event.clock ?? 0) > this.#clock) this.#clock = event.clock ?? 0;
    this.#waiting.push(event);
    if (this.#waiting.length - this.#skipped > MOST_WAITING) this.#drop();
    this.#wake();
  }

  #drop(): void {
    this.#skipped++;
    this.#dropped++;
    if (this.#skipped < MOST_WAITING) return;
    this.#waiting = this.#waiting.slice(this.#skipped);
    this.#skipped = 0;
  }

  /** Calls back once it is closed. For who fills the stream. */
  onClose(callback: () => void): void {
    this.#onClose = callback;
  }

  /** Watches no more; who reads comes to the end. */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#onClose();
      this.#wake();
    }
    return Promise.resolve();
  }

  /** The events as they come, until the stream is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<MonitorEvent> {
    for (;;) {
      const batch = this.#skipped === 0
        ? this.#waiting
        : this.#waiting.slice(this.#skipped);
      this.#waiting = [];
      this.#skipped = 0;
      yield* batch;
      if (this.#waiting.length > 0) continue;
      if (this.#closed) return;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Closes it at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
