/**
 * Tells events while somebody watches, many at a time.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Bus } from "../contracts/bus.ts";
import type { Clock } from "../contracts/clock.ts";
import {
  ASKED_TOPIC,
  EVENTS_TOPIC,
  readWatched,
  WATCHED_TOPIC,
  type WireEvent,
} from "./monitor_event.ts";

const log = getLogger(["lovage", "events"]);

/** So many events are told together. */
const LARGEST_BATCH = 500;
/** So many wait at most: watching must not cost a worker its memory. */
const MOST_WAITING = 20_000;

/**
 * So many tasks are told of in a second, and at once after a pause; of more,
 * only what went wrong. Watching must not slow the work down.
 */
const MOST_TASKS = 2_500;

/** An event as its teller makes it; who tells and when is added. */
export type OwnEvent =
  & Omit<WireEvent, "hostname" | "pid" | "timestamp">
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
  #watchedUntil = -Infinity;
  #waiting: OwnEvent[] = [];
  #dropped = 0;
  #mayTell = MOST_TASKS;
  #countedAt = -Infinity;
  #untold = 0;
  #telling: Promise<void> | null = null;
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
    return this.#forced || this.#clock.now() < this.#watchedUntil;
  }

  /** Of how many tasks nothing was told but failures, as they were too many. */
  get untold(): number {
    return this.#untold;
  }

  /**
   * Whether the course of one more task is to be told: of each all or
   * nothing. `undefined` while nobody wants to hear.
   */
  admit(): boolean | undefined {
    if (!this.active) return undefined;
    const now = this.#clock.now();
    const more = (now - this.#countedAt) * MOST_TASKS / 1000;
    this.#mayTell = Math.min(this.#mayTell + more, MOST_TASKS);
    this.#countedAt = now;
    if (this.#mayTell < 1) {
      this.#untold++;
      return false;
    }
    this.#mayTell--;
    return true;
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
    await this.#telling;
  }

  /** Tells an event, if anybody wants to hear. The event is the sink's then. */
  tell(event: OwnEvent): void {
    if (!this.active) return;
    if (this.#waiting.length >= MOST_WAITING) {
      this.#dropped++;
      return;
    }
    event.timestamp = this.#clock.now();
    this.#waiting.push(event);
    this.#telling ??= this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    // What happens in this turn is told together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const events = this.#waiting.splice(0, LARGEST_BATCH);
      try {
        await this.#bus.broadcast(
          EVENTS_TOPIC,
          JSON.stringify({ ...this.#teller, events }),
        );
      } catch (error) {
        // The store being away is told by those who need it more.
        log.debug("Events could not be told: {error}", {
          error: String(error),
        });
        this.#waiting = [];
      }
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
}
