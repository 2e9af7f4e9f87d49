/**
 * The bus: payloads are rows that live for a minute, and the wake file says
 * that there are new ones.
 *
 * @module
 */

import type { Bus, BusListener, Clock } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { allTuples, firstTuple, textIn, textOut } from "./rows.ts";
import type { Wake } from "./wake.ts";

/** How long a payload can be read, in ms. */
const RETENTION = 60_000;
/** How many payloads are read at a time. */
const STEP = 500;
/** Of so many payloads one sweeps; it drops up to twice as many. */
const SWEEP_EVERY = 64;

const SEND =
  "insert into lovage_bus (topic, payload, sent_at) values (?, ?, ?)";
const SWEEP = `delete from lovage_bus where sent_at <= ? and seq in
  (select seq from lovage_bus order by seq limit ${2 * SWEEP_EVERY})`;
const LAST = "select seq from sqlite_sequence where name = 'lovage_bus'";
const NEW = `select seq, topic, payload from lovage_bus
  where seq > ? order by seq limit ${STEP}`;

/** Broadcast between the processes that share a file. */
export class SqliteBus implements Bus {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #wake: Wake;
  readonly #topics = new Map<string, Set<BusListener>>();
  #unlisten: (() => void) | undefined;
  #seen = 0;
  #reading = false;
  #again = false;

  constructor(client: Client, clock: Clock, wake: Wake) {
    this.#client = client;
    this.#clock = clock;
    this.#wake = wake;
  }

  async broadcast(topic: string, payload: string): Promise<void> {
    const now = this.#clock.now();
    // Best effort: not worth a wait for the disk.
    await this.#client.write(() => {
      const { lastInsertRowid } = this.#client.statement(SEND)
        .run(topic, textIn(payload), now);
      if (Number(lastInsertRowid) % SWEEP_EVERY > 0) return;
      this.#client.statement(SWEEP).run(now - RETENTION);
    }, "process");
    this.#wake.ring();
    if (this.#topics.size > 0) void this.#readNew();
  }

  async subscribe(topic: string, listener: BusListener): Promise<() => void> {
    // A wrapper of its own, so that one listener can subscribe twice.
    const own: BusListener = (payload) => listener(payload);
    if (this.#unlisten === undefined) {
      this.#seen = Number.MAX_SAFE_INTEGER;
      this.#unlisten = this.#wake.listen(() => void this.#readNew());
      this.#seen = await this.#client.read(() => this.#last());
    }
    const listeners = this.#topics.get(topic) ?? new Set();
    this.#topics.set(topic, listeners.add(own));
    return () => {
      listeners.delete(own);
      if (listeners.size > 0 || this.#topics.get(topic) !== listeners) return;
      this.#topics.delete(topic);
      if (this.#topics.size === 0) this.close();
    };
  }

  /** Ends all subscriptions. */
  close(): void {
    this.#topics.clear();
    this.#unlisten?.();
    this.#unlisten = undefined;
  }

  #last(): number {
    return Number(firstTuple(this.#client.tuples(LAST))?.[0] ?? 0);
  }

  async #readNew(): Promise<void> {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#again) {
        this.#again = false;
        if (await this.#readStep() === STEP) this.#again = true;
      }
    } catch {
      // Best effort, and the next wake-up tries again.
    } finally {
      this.#reading = false;
    }
  }

  async #readStep(): Promise<number> {
    const rows = await this.#client.read(() =>
      allTuples(this.#client.tuples(NEW), this.#seen)
    );
    for (const [seq, topic, payload] of rows) {
      this.#seen = seq as number;
      for (const listener of [...this.#topics.get(textOut(topic)) ?? []]) {
        listener(textOut(payload));
      }
    }
    return rows.length;
  }
}
