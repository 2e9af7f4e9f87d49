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
import { tellFired } from "./fired_log.ts";
import { type Fired, Firer } from "./firer.ts";
import { Leadership } from "./leadership.ts";
import { storeStatic } from "./store_static.ts";
import { StoreTime } from "./store_time.ts";

const log = getLogger(["lovage", "beat"]);

/** The most entries that are fired before the lease is looked at again. */
const ROUND = 1_000;
// A running beat keeps its process alive; nothing else of it does.
const KEEP_ALIVE = 60_000;
/** How long it waits after an error, in ms. */
const AFTER_ERROR = 1_000;
/** How long an entry waits after the middleware has thrown, in ms. */
const AFTER_FAILURE = 60_000;

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

/**
 * Sends the tasks of the schedule when they are due, as long as it leads;
 * otherwise it stands by. `app.beat()` starts one.
 */
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
  #isWoken = false;
  #endWait: () => void = () => {};
  #unsubscribe: () => void = () => {};
  #running: Promise<void> = Promise.resolve();
  #keepAlive: ReturnType<typeof setInterval> | undefined;
  #isAway = false;
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
    try {
      const { now } = await this.#store.scheduler.leader();
      this.#time.set(now);
      await storeStatic(this.#app, this.#store, now);
      this.#stopping.signal.throwIfAborted();
    } catch (error) {
      this.#unhear();
      throw error;
    }
    this.#keepAlive = setInterval(() => {}, KEEP_ALIVE);
    this.#running = this.#run();
  }

  /** Ends after what is being sent, and lets another beat take over at once. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
    clearInterval(this.#keepAlive);
    this.#unhear();
    const led = this.leads;
    try {
      await this.#leadership.resign();
      if (led) await this.#store.bus.broadcast(SCHEDULES_TOPIC, "resigned");
    } catch (error) {
      // The lease ends by itself.
      if (!(error instanceof StoreError)) throw error;
    }
  }

  /** Ends the use of a beat at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #unhear(): void {
    this.#unsubscribe();
    this.#unsubscribe = () => {};
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const until = await this.#lead();
        if (this.leads) await this.#send(until);
        else {
          this.#sayBack();
          await this.#wait(until);
        }
      } catch (error) {
        if (!this.#isAway) this.#complain(error);
        this.#isAway = error instanceof StoreError;
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

  /** Sends what is due, until the store is to be asked again. */
  async #send(until: number): Promise<void> {
    const since = until - this.#plan.maxInterval;
    while (!this.#stopping.signal.aborted) {
      await this.#takeOver();
      const now = this.#time.now();
      // Before the first, the machine's clock was set back.
      if (now >= until || now < since) return;
      const due = this.#agenda.takeDue(now, ROUND);
      if (due.length > 0) await this.#fire(due, now);
      this.#sayBack();
      if (due.length === ROUND) continue;
      const wanted = Math.min(this.#agenda.nextAt ?? until, until);
      const isWoken = await this.#wait(wanted);
      // Woken before it was over, a wait that is over all the same was none.
      const isOver = !isWoken || this.#time.now() >= wanted;
      if (isOver && this.#time.wasSet(wanted)) return;
    }
  }

  async #fire(due: readonly Item[], now: number): Promise<void> {
    const fired = await this.#firer.fire(due, now);
    const again: string[] = [];
    let lost: Error | null = null;
    for (const one of fired) {
      const { record } = one.item;
      switch (one.kind) {
        case "fired": {
          const { nextAt: dueAt, state } = one.firing;
          const after = { ...record, dueAt, state };
          this.#agenda.set({ ...one.item, record: after });
          break;
        }
        case "superseded":
          again.push(record.name);
          break;
        case "refused":
          this.#reader.refuse(record, one.error);
          break;
        case "failed":
          this.#agenda.set(one.item, now + AFTER_FAILURE);
          break;
        case "unanswered":
          lost = one.error;
          break;
      }
    }
    this.#count(fired);
    tellFired(fired);
    if (lost !== null) throw lost;
    if (again.length > 0) await this.#reader.read(again);
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

  /** Ends the wait; the next one, if there is none. */
  #wake(): void {
    this.#isWoken = true;
    this.#endWait();
  }

  /**
   * Waits until a time of the store, or until it is woken.
   *
   * @returns whether it was woken
   */
  async #wait(until: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ms = Math.max(0, until - this.#time.now());
    const cancel = this.#app.clock().timer(ms, resolve);
    this.#endWait = resolve;
    if (this.#isWoken) resolve();
    await promise;
    cancel();
    const isWoken = this.#isWoken;
    this.#isWoken = false;
    return isWoken;
  }

  #count(fired: readonly Fired[]): void {
    for (const one of fired) {
      if (one.kind !== "fired") continue;
      this.#totals.sent += one.firing.messages.length;
      this.#totals.leftOut += one.plan.missed + one.plan.skipped;
    }
  }

  #sayBack(): void {
    if (this.#isAway) log.info("The store is back");
    this.#isAway = false;
  }

  #complain(error: unknown): void {
    if (error instanceof StoreError) {
      log.warn("{error}. Trying again every second", { error: error.message });
    } else log.error("Beat failed: {error}", { error: String(error) });
  }
}
