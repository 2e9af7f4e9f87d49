/**
 * A chore that is done again and again, with pauses that differ a little so
 * that many workers do not do it at once.
 *
 * @module
 */

import type { Clock } from "../contracts/clock.ts";
import type { Service } from "../service/service.ts";
import type { StoreLink } from "./store_link.ts";

/** Does something every so often. */
export class Periodic implements Service {
  readonly name: string;
  readonly #interval: number;
  readonly #chore: () => Promise<void>;
  readonly #clock: Clock;
  readonly #link: StoreLink;
  #cancelTimer: () => void = () => {};
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  /**
   * @param name what it is, for logs
   * @param interval ms from the end of one to the next, give or take a fifth
   * @param chore what to do; an error ends nothing
   * @param link to the store that it is done in, told of errors
   */
  constructor(
    name: string,
    interval: number,
    chore: () => Promise<void>,
    clock: Clock,
    link: StoreLink,
  ) {
    this.name = name;
    this.#interval = interval;
    this.#chore = chore;
    this.#clock = clock;
    this.#link = link;
  }

  /** Begins with a pause. */
  start(): Promise<void> {
    this.#schedule();
    return Promise.resolve();
  }

  /** Ends after what is being done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    await this.#running;
  }

  #schedule(): void {
    if (this.#stopped) return;
    const ms = this.#interval * (0.8 + Math.random() * 0.4);
    this.#cancelTimer = this.#clock.timer(ms, () => {
      this.#running = this.#run().then(() => this.#schedule());
    });
  }

  async #run(): Promise<void> {
    try {
      await this.#chore();
    } catch (error) {
      this.#link.failed("tasks", error, `The ${this.name} failed`);
    }
  }
}
