/**
 * Beat: sends the tasks of the schedule when their time has come. Any number
 * of beats may run; one leads and sends, the others take over when it falls
 * silent.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Store } from "../contracts/store.ts";
import { StoreError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { readChange, SCHEDULES_TOPIC } from "../schedules/changes.ts";
import { pause } from "../service/clock.ts";
import { Agenda, type Item } from "./agenda.ts";
import { AgendaReader } from "./agenda_reader.ts";
import { type Fired, Firer } from "./firer.ts";
import { Leadership } from "./leadership.ts";
import { storeStatic } from "./store_static.ts";
import { StoreTime } from "./store_time.ts";

const log = getLogger(["lovage", "beat"]);

/** The most entries that are fired before the lease is looked at again. */
const ROUND = 1_000;
/** How long it waits after an error, in ms. */
const AFTER_ERROR = 1_000;
/** So many sent tasks are told one by one. */
const MOST_TOLD = 10;

/** What a beat is. */
export interface BeatPlan {
  /** Unique per start. */
  readonly id: string;
  /** Its name for people: `beat@host`. */
  readonly name: string;
  /** How long it leads after each renewal, in ms. */
  readonly lease: number;
  /** The longest it goes without looking at the store, in ms. */
  readonly maxInterval: number;
}

/** Counts of a beat since its start. */
export interface BeatTotals {
  /** Tasks that it has sent. */
  readonly sent: number;
  /** Times that it has left out, because of an overlap or an outage. */
  readonly leftOut: number;
}

/** Sends what is due. */
export class Beat {
  /** Its name for people. */
  readonly name: string;
  readonly #store: Store;
  readonly #app: Internals;
  readonly #plan: BeatPlan;
  readonly #agenda = new Agenda();
  readonly #reader: AgendaReader;
  readonly #firer: Firer;
  readonly #leadership: Leadership;
  readonly #time: StoreTime;
  readonly #stopping = new AbortController();
  #changed: Set<string> | "all" = new Set();
  #revision: number | null = null;
  #wake: () => void = () => {};
  #unsubscribe: () => void = () => {};
  #running: Promise<void> = Promise.resolve();
  #totals = { sent: 0, leftOut: 0 };

  /**
   * Use `app.beat()`.
   *
   * @param store where tasks wait, and the schedule with them
   */
  constructor(app: Internals, store: Store, plan: BeatPlan) {
    const { id, name, lease } = plan;
    this.name = name;
    this.#app = app;
    this.#store = store;
    this.#plan = plan;
    this.#reader = new AgendaReader(app, store.scheduler, this.#agenda);
    this.#firer = new Firer(app, store);
    this.#leadership = new Leadership(store.scheduler, { id, name, lease });
    this.#time = new StoreTime(app.clock());
  }

  /** Whether it sends; otherwise another one does. */
  get leads(): boolean {
    return this.#leadership.leads;
  }

  /** What it has sent since its start. */
  get totals(): BeatTotals {
    return this.#totals;
  }

  /**
   * Stores the entries of the app's code, and begins.
   *
   * @throws {ScheduleError} when one of them will not do
   * @throws {StoreError} when the store does not answer
   */
  async start(): Promise<void> {
    this.#unsubscribe = await this.#store.bus.subscribe(
      SCHEDULES_TOPIC,
      (payload) => this.#hear(payload),
    );
    const { now } = await this.#store.scheduler.leader();
    this.#time.set(now);
    await storeStatic(this.#app, this.#store, now);
    this.#running = this.#run();
  }

  /** Ends after what is being sent, and lets another beat take over at once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
    this.#unsubscribe();
    const led = this.leads;
    await this.#leadership.resign();
    if (led) await this.#store.bus.broadcast(SCHEDULES_TOPIC, "resigned");
  }

  /** Ends the use of a beat at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let isAway = false;
    while (!signal.aborted) {
      try {
        const until = await this.#lead();
        if (isAway) log.info("The store is back");
        isAway = false;
        if (this.leads) await this.#send(until);
        else await this.#wait(until);
      } catch (error) {
        if (!isAway) this.#complain(error);
        isAway = error instanceof StoreError;
        // What was sent of it is for the store to say.
        this.#revision = null;
        await pause(this.#app.clock(), AFTER_ERROR, signal);
      }
    }
  }

  /**
   * Takes or keeps the lead.
   *
   * @returns when the store is to be asked again
   */
  async #lead(): Promise<number> {
    const didLead = this.leads;
    const { now, until, revision } = await this.#leadership.take();
    this.#time.set(now);
    if (!this.leads) {
      this.#agenda.clear();
      return Math.min(until, now + this.#plan.lease) + 1;
    }
    // Another one may have led in between.
    if (!didLead || revision !== this.#revision) {
      this.#changed = new Set();
      await this.#reader.readAll();
      if (!didLead) log.info("{count} entries", { count: this.#agenda.size });
      this.#revision = revision;
    }
    return now + this.#plan.maxInterval;
  }

  /** Sends what is due, until the lease is to be renewed. */
  async #send(until: number): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      await this.#takeOver();
      const now = this.#time.now();
      const due = this.#agenda.takeDue(now, ROUND);
      if (due.length > 0) await this.#fire(due, now);
      if (this.#time.now() >= until) return;
      if (due.length === ROUND) continue;
      const wanted = Math.min(this.#agenda.nextAt ?? until, until);
      await this.#wait(wanted);
      if (this.#time.wasSet(wanted) && this.#time.now() >= wanted) return;
    }
  }

  async #fire(due: readonly Item[], now: number): Promise<void> {
    const fired = await this.#firer.fire(due, now);
    const again: string[] = [];
    for (const one of fired) {
      const { record } = one.item;
      if (one.kind === "refused") this.#reader.refuse(record, one.error);
      else if (one.kind === "superseded") again.push(record.name);
      else {
        const { nextAt: dueAt, state } = one.firing;
        this.#agenda.set({ ...one.item, record: { ...record, dueAt, state } });
      }
    }
    if (again.length > 0) await this.#reader.read(again);
    this.#tell(fired);
  }

  /** Takes over what was changed since. */
  async #takeOver(): Promise<void> {
    const changed = this.#changed;
    if (changed !== "all" && changed.size === 0) return;
    this.#changed = new Set();
    if (changed === "all") await this.#reader.readAll();
    else await this.#reader.read([...changed]);
  }

  #hear(payload: string): void {
    const change = readChange(payload);
    if (change === null) {
      // Somebody resigned.
      if (!this.leads) this.#wake();
      return;
    }
    const { names, revision } = change;
    const isNext = this.#revision !== null && revision === this.#revision + 1;
    if (names === null || !isNext) this.#changed = "all";
    else if (this.#changed !== "all") {
      for (const name of names) this.#changed.add(name);
    }
    if (this.#revision !== null) this.#revision = revision;
    if (this.leads) this.#wake();
  }

  /** Waits until a time of the store, or until it is woken. */
  #wait(until: number): Promise<void> {
    if (this.#stopping.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const ms = Math.max(0, until - this.#time.now());
      const cancel = this.#app.clock().timer(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #tell(fired: readonly Fired[]): void {
    const sent: string[] = [];
    for (const one of fired) {
      if (one.kind !== "fired") continue;
      const { messages } = one.firing;
      this.#totals.sent += messages.length;
      sent.push(...messages.map(({ id }) => id));
      if (messages.length > 0) continue;
      this.#totals.leftOut++;
      const { name } = one.item.record;
      log.warn("{name} was left out this time: {why}", {
        name,
        why: one.item.json.overlap === "skip"
          ? "the task of the time before is not over"
          : "its time is over",
      });
    }
    if (sent.length === 0) return;
    if (sent.length <= MOST_TOLD) {
      for (const id of sent) log.info("Sent {id}", { id });
    } else log.info("Sent {count} tasks", { count: sent.length, ids: sent });
  }

  #complain(error: unknown): void {
    if (error instanceof StoreError) {
      log.warn("{error}. Trying again every second", { error: error.message });
    } else log.error("Beat failed: {error}", { error: String(error) });
  }
}
