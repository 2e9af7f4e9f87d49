/**
 * Tells events while somebody watches, many at a time.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Bus } from "../contracts/bus.ts";
import type { Clock } from "../contracts/clock.ts";
import { encodeEvents, type WireEvent, type WireTuple } from "./event_wire.ts";
import {
  ASKED_TOPIC,
  EVENTS_TOPIC,
  readWatched,
  WATCHED_TOPIC,
} from "./monitor_event.ts";

const log = getLogger(["lovage", "events"]);

/** So many events are told together. */
const LARGEST_BATCH = 1_000;
/** So many wait at most: watching must not cost a worker its memory. */
const MOST_WAITING = 20_000;

/**
 * After so many told at once more are gathered for a while (ms) before the
 * next are told: each payload costs the worker, the store and every watcher
 * more than the events in it. Few events are told at once.
 */
const MANY = 20;
const GATHER = 50;

/**
 * So many tasks are told of in a second, and at once after a pause; of more,
 * only what went wrong. Watching must not slow the work down.
 */
const MOST_TASKS = 2_500;

/** Nobody has watched, or not for long. */
const NEVER = -Infinity;

/** An event as its teller makes it; without a time, it is of now. */
export type OwnEvent =
  & Omit<WireEvent, "timestamp">
  & { timestamp?: number };

/** Who tells. */
export interface Teller {
  /** The node name. */
  readonly hostname: string;
  /** The process. */
  readonly pid: number;
}

/** Tells the events of one process. */
export class EventSink {
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #teller: Teller;
  #forced: boolean;
  #watchedUntil = NEVER;
  #waiting: (WireEvent | WireTuple)[] = [];
  #lamport = 0;
  #dropped = 0;
  #mayTell = MOST_TASKS;
  #countedAt = NEVER;
  #untold = 0;
  #telling: Promise<void> | null = null;
  #tellNow: () => void = () => {};
  #stopping = false;
  #unsubscribe: () => void = () => {};

  /** @param forced whether it tells also while nobody watches */
  constructor(bus: Bus, clock: Clock, teller: Teller, forced: boolean) {
    this.#bus = bus;
    this.#clock = clock;
    this.#teller = teller;
    this.#forced = forced;
  }

  /** Whether anybody wants to hear: events that nobody wants cost nothing. */
  get active(): boolean {
    if (this.#forced) return true;
    if (this.#watchedUntil === NEVER) return false;
    if (this.#clock.now() < this.#watchedUntil) return true;
    this.#watchedUntil = NEVER;
    return false;
  }

  /** Of how many tasks nothing was told but failures, as they were too many. */
  get untold(): number {
    return this.#untold;
  }

  /**
   * Of how many of these tasks the course is to be told: of each all or
   * nothing. `undefined` while nobody wants to hear.
   */
  admit(count: number): number | undefined {
    if (!this.active) return undefined;
    const now = this.#clock.now();
    const more = (now - this.#countedAt) * MOST_TASKS / 1000;
    const may = Math.min(this.#mayTell + more, MOST_TASKS);
    this.#countedAt = now;
    const admitted = Math.min(count, Math.floor(may));
    this.#mayTell = may - admitted;
    this.#untold += count - admitted;
    return admitted;
  }

  /** Tells also while nobody watches, or not any more. */
  force(on: boolean): void {
    this.#forced = on;
  }

  /**
   * Begins to hear of watchers, and asks for those who are there.
   *
   * @param onNew called when somebody begins to watch; told whether nobody
   * did before
   */
  async start(onNew: (isFirst: boolean) => void): Promise<void> {
    this.#unsubscribe = await this.#bus.subscribe(WATCHED_TOPIC, (payload) => {
      const watched = readWatched(payload);
      if (watched === null) return;
      const isFirst = !this.active;
      const until = this.#clock.now() + watched.lease;
      this.#watchedUntil = Math.max(this.#watchedUntil, until);
      this.#lamport = Math.max(this.#lamport, watched.clock);
      if (isFirst || watched.begins) onNew(isFirst);
    });
    try {
      await this.#bus.broadcast(ASKED_TOPIC, "");
    } catch {
      // They say it again by themselves.
    }
  }

  /** Tells what is left, and hears no more. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#stopping = true;
    this.#tellNow();
    await this.#telling;
  }

  /**
   * Tells an event, if anybody wants to hear. The event is the sink's then.
   *
   * @param always also if nobody is known to watch
   */
  tell(event: OwnEvent, always = false): void {
    if (!always && !this.active) return;
    event.timestamp ??= this.#clock.now();
    this.add(event as WireEvent);
  }

  /** Tells an event of which it is known that somebody wants to hear it. */
  add(event: WireEvent | WireTuple): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(event);
    if (this.#waiting.length === LARGEST_BATCH) this.#tellNow();
    this.#telling ??= this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    // What happens in this turn is told together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const count = await this.#tellSome();
      if (count >= MANY) await this.#gather();
    }
    if (this.#dropped > 0) {
      log.warn(
        "{count} events were not told: they came faster than the bus takes them",
        { count: this.#dropped },
      );
      this.#dropped = 0;
    }
    this.#telling = null;
  }

  /** @returns how many it has told */
  async #tellSome(): Promise<number> {
    const events = this.#waiting.splice(0, LARGEST_BATCH);
    const clock = this.#lamport + 1;
    this.#lamport += events.length;
    const zone = new Date(this.#clock.now()).getTimezoneOffset();
    const utcoffset = Math.floor(zone / 60);
    try {
      await this.#bus.broadcast(
        EVENTS_TOPIC,
        encodeEvents({ ...this.#teller, clock, utcoffset }, events),
      );
    } catch (error) {
      // The store being away is told by those who need it more.
      log.debug("Events could not be told: {error}", {
        error: String(error),
      });
      this.#waiting = [];
    }
    return events.length;
  }

  async #gather(): Promise<void> {
    if (this.#stopping || this.#waiting.length >= LARGEST_BATCH) return;
    const enough = Promise.withResolvers<void>();
    this.#tellNow = enough.resolve;
    const cancel = this.#clock.timer(GATHER, enough.resolve);
    await enough.promise;
    cancel();
  }
}
