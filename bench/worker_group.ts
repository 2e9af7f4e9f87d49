/**
 * Workers of a contestant, how far they are together, and what they cost.
 *
 * @module
 */

import type { Launch } from "./contestants/contestant.ts";
import { type Cost, costOf, processTree } from "./cost.ts";
import { Driver, type Line } from "./processes.ts";

/** How long workers may take for anything, in milliseconds. */
const PATIENCE = 180_000;

const SAMPLE_EVERY = 50;

/** How far workers are at a point in time (ms). */
export interface Progress {
  readonly done: number;
  readonly at: number;
}

/** One or more workers. */
export class WorkerGroup implements AsyncDisposable {
  readonly #drivers: Driver[];
  readonly #done: number[];
  readonly #listeners = new Set<() => void>();
  readonly #sampler: ReturnType<typeof setInterval>;
  #ready = 0;
  #at = 0;
  #peak = 0;
  /** Milliseconds from the send to the start of tasks that told. */
  readonly pickups: number[] = [];

  /** Starts them. */
  constructor(launches: readonly Launch[]) {
    this.#done = launches.map(() => 0);
    this.#drivers = launches.map((launch, n) =>
      new Driver(launch, (line) => this.#hear(n, line))
    );
    this.#sampler = setInterval(() => {
      this.#peak = Math.max(this.#peak, this.cost().mb / launches.length);
    }, SAMPLE_EVERY);
  }

  /** Stops them where they are, so that others can be measured. */
  halt(): void {
    this.#signal("SIGSTOP");
  }

  /** They go on. */
  goOn(): void {
    this.#signal("SIGCONT");
  }

  /** What they have cost so far. */
  cost(): Cost {
    return costOf(this.#drivers.map(({ pid }) => pid));
  }

  /** The most memory that was seen, per worker, in MB. */
  get peakMb(): number {
    return this.#peak;
  }

  /** How far they are. */
  get progress(): Progress {
    return { done: this.#done.reduce((a, b) => a + b), at: this.#at };
  }

  /** Waits until all are ready. */
  ready(): Promise<void> {
    return this.until(() => this.#ready === this.#drivers.length, "be ready");
  }

  /** Waits until they have run so many tasks. */
  async ran(count: number): Promise<Progress> {
    await this.until(() => this.progress.done >= count, `run ${count} tasks`);
    return this.progress;
  }

  /** Waits until something is true, which changes when they say something. */
  async until(reached: () => boolean, what: string): Promise<void> {
    if (reached()) return;
    let listener = () => {};
    let timer: ReturnType<typeof setTimeout> | undefined;
    const told = new Promise<void>((resolve, reject) => {
      listener = () => reached() && resolve();
      timer = setTimeout(
        () => reject(new Error(`The workers did not ${what} in time`)),
        PATIENCE,
      );
    });
    this.#listeners.add(listener);
    const dead = Promise.race(this.#drivers.map(({ ended }) => ended))
      .then(() => Promise.reject(new Error("A worker ended by itself")));
    try {
      await Promise.race([told, dead]);
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(listener);
    }
  }

  /** Ends them. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sampler);
    for (const driver of this.#drivers) await driver[Symbol.asyncDispose]();
  }

  #signal(signal: Deno.Signal): void {
    for (const pid of this.#drivers.flatMap(({ pid }) => processTree(pid))) {
      Deno.kill(pid, signal);
    }
  }

  #hear(n: number, { ready, done, at, pickup }: Line): void {
    if (ready === true) this.#ready++;
    if (typeof pickup === "number") this.pickups.push(pickup);
    if (typeof done === "number") this.#done[n] = done;
    if (typeof at === "number") this.#at = Math.max(this.#at, at);
    for (const listener of this.#listeners) listener();
  }
}
