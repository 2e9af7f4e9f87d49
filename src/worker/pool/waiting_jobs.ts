/**
 * The jobs of a pool that wait for a slot: those that hold room of a limit
 * before all others.
 *
 * @module
 */

import { Fifo } from "./fifo.ts";
import type { Job } from "./pool.ts";

/** Jobs in the order in which they are to start. */
export class WaitingJobs {
  readonly #first = new Fifo<Job>();
  readonly #others = new Fifo<Job>();

  /** How many wait. */
  get size(): number {
    return this.#first.size + this.#others.size;
  }

  /** The next job, left where it is. */
  peek(): Job | undefined {
    return this.#first.peek() ?? this.#others.peek();
  }

  /** Adds jobs. */
  add(jobs: readonly Job[]): void {
    for (const job of jobs) this.#of(job).push(job);
  }

  /** Puts jobs back in front of their like, in their order. */
  unshift(jobs: readonly Job[]): void {
    this.#first.unshift(jobs.filter(({ first }) => first === true));
    this.#others.unshift(jobs.filter(({ first }) => first !== true));
  }

  /** Takes the next job. */
  shift(): Job | undefined {
    return this.#first.shift() ?? this.#others.shift();
  }

  /** Takes all jobs. */
  drain(): Job[] {
    return [...this.#first.drain(), ...this.#others.drain()];
  }

  /** Takes out the first job that matches. */
  remove(matches: (job: Job) => boolean): Job | undefined {
    return this.#first.remove(matches) ?? this.#others.remove(matches);
  }

  #of(job: Job): Fifo<Job> {
    return job.first === true ? this.#first : this.#others;
  }
}
