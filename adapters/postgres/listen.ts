/**
 * LISTEN on a connection of its own, which is replaced when it is dead, also
 * when nobody said so.
 *
 * What was said while it was away is lost; so whoever listens is told of
 * every gap, and looks at everything then.
 *
 * @module
 */

import { within } from "../_net/within.ts";
import { type Client, endOf } from "./client.ts";
import { unheldTimer } from "./clock.ts";
import type { OwnSql } from "./driver.ts";
import { quoteName } from "./text.ts";

/** What is called. */
export interface Ear {
  /** Called with each payload. */
  readonly heard: (payload: string) => void;
  /** Called when something may have been missed. */
  readonly missed: () => void;
}

/** What listens. */
export interface Subscription {
  /** Ends it. */
  readonly end: () => void;
  /** Resolved once nothing is missed any more. */
  readonly ready: Promise<void>;
}

/** Signs of life of the connection. */
export interface Pulse {
  /** The time between two, in ms; jittered. */
  readonly every: number;
  /** How long one may take, in ms. */
  readonly timeout: number;
}

const PULSE: Pulse = { every: 10_000, timeout: 5_000 };
/** How long the connection stays when nobody listens any more, in ms. */
const LINGER = 5_000;
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 2_000;

/** Listens to channels. */
export class Listener {
  readonly #client: Client;
  readonly #pulse: Pulse;
  readonly #ears = new Map<string, Set<Ear>>();
  /** The channels that the connection listens to. */
  #listened = new Set<string>();
  #running: Promise<void> | undefined;
  /** Resolved when there is something to do before the next sign of life. */
  #news = Promise.withResolvers<void>();
  #ready = Promise.withResolvers<void>();
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client, pulse: Pulse = PULSE) {
    this.#client = client;
    this.#pulse = pulse;
    client.closed.addEventListener("abort", () => this.#news.resolve());
  }

  /** Whether notifications arrive. */
  get isUp(): boolean {
    return this.#listened.size > 0;
  }

  /**
   * Calls the ear from now on.
   */
  listen(channel: string, ear: Ear): Subscription {
    clearTimeout(this.#linger);
    const ears = this.#ears.get(channel) ?? new Set();
    this.#ears.set(channel, ears.add(ear));
    if (!this.#listened.has(channel)) this.#news.resolve();
    this.#running ??= this.#run();
    return {
      end: () => this.#unlisten(channel, ear),
      ready: this.#until(channel),
    };
  }

  /** Waits until a channel is listened to, unless the server is away. */
  async #until(channel: string): Promise<void> {
    const end = performance.now() + this.#pulse.timeout;
    while (!this.#listened.has(channel) && this.#isWanted) {
      const left = end - performance.now();
      if (left <= 0) return;
      await within(left, this.#ready.promise, noSign).catch(() => {});
    }
  }

  #unlisten(channel: string, ear: Ear): void {
    const ears = this.#ears.get(channel);
    if (!ears?.delete(ear) || ears.size > 0) return;
    this.#ears.delete(channel);
    if (this.#ears.size > 0) return;
    // Who waited will soon wait again.
    clearTimeout(this.#linger);
    this.#linger = unheldTimer(LINGER, () => this.#news.resolve());
  }

  get #isWanted(): boolean {
    return this.#ears.size > 0 && !this.#client.closed.aborted;
  }

  /** Resolves when the connection has been ended. */
  async close(): Promise<void> {
    clearTimeout(this.#linger);
    this.#ears.clear();
    this.#news.resolve();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let pause = FIRST_PAUSE; this.#isWanted;) {
      const start = performance.now();
      await this.#session();
      this.#listened = new Set();
      if (!this.#isWanted) break;
      if (performance.now() - start > this.#pulse.every) pause = FIRST_PAUSE;
      this.#news = Promise.withResolvers();
      await this.#sleep(pause * (0.5 + Math.random() / 2), () => false);
      pause = Math.min(LONGEST_PAUSE, pause * 2);
    }
    this.#running = undefined;
    this.#ready.resolve();
    this.#ready = Promise.withResolvers();
    // Somebody may have come in this very moment.
    if (this.#isWanted) this.#running = this.#run();
  }

  /** One connection, from its first statement to its loss. */
  async #session(): Promise<void> {
    let lost = false;
    const sql = this.#client.connect({
      idle_timeout: null,
      onnotify: (channel: string, payload: string) =>
        this.#hear(channel, payload),
      onclose: () => {
        lost = true;
        this.#news.resolve();
      },
    });
    try {
      while (this.#isWanted && !lost) {
        this.#news = Promise.withResolvers();
        await this.#listenAnew(sql);
        await this.#sleep(
          this.#pulse.every * (0.8 + 0.4 * Math.random()),
          () => lost || this.#hasNew(),
        );
      }
    } catch {
      // Replaced; the pause grows if that does not help.
    } finally {
      await endOf(sql, 1);
    }
  }

  #hasNew(): boolean {
    return [...this.#ears.keys()].some((name) => !this.#listened.has(name));
  }

  /** Listens to what is not listened to yet; in any case a sign of life. */
  async #listenAnew(sql: OwnSql): Promise<void> {
    const names = [...this.#ears.keys()];
    const fresh = names.filter((name) => !this.#listened.has(name));
    const text = fresh.length === 0
      ? "select 1"
      : fresh.map((name) => `listen ${quoteName(name)}`).join("; ");
    await within(this.#pulse.timeout, sql.unsafe(text), noSign);
    this.#listened = new Set([...this.#listened, ...names]);
    if (fresh.length === 0) return;
    this.#ready.resolve();
    this.#ready = Promise.withResolvers();
    for (const name of fresh) {
      for (const ear of [...this.#ears.get(name) ?? []]) ear.missed();
    }
  }

  #hear(channel: string, payload: string): void {
    for (const ear of [...this.#ears.get(channel) ?? []]) ear.heard(payload);
  }

  /** Sleeps until the time is over or there is news. */
  async #sleep(ms: number, isDone: () => boolean): Promise<void> {
    if (isDone() || !this.#isWanted) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const time = new Promise<void>((resolve) => {
      timer = unheldTimer(ms, resolve);
    });
    await Promise.race([time, this.#news.promise]);
    clearTimeout(timer);
  }
}

function noSign(): Error {
  return new Error("No sign of life");
}
