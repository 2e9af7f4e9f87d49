/**
 * Two sides that work by turns, each with workers and a place of its own:
 * while one works, the processes of the other are stopped. So the machine is
 * the same for both, which it is not for two drains one after the other.
 *
 * @module
 */

import type { Launch } from "../contestants/contestant.ts";
import { costOf } from "../cost.ts";
import type { BenchServer } from "../servers.ts";
import { WorkerGroup } from "../worker_group.ts";

/** How long each turn is, in ms. */
const TURN = 300;
/** The beginning of a turn is not measured: its processes find their feet. */
const BEGINNING = 50;
/** So much of a side's tasks warms its workers up. */
const WARM = 1 / 6;
/** The end of a queue is left out: it is a wait, not a rate. */
const END = 0.95;

/** A side. */
export interface Side {
  /** Its workers; they find their tasks queued. */
  readonly workers: readonly Launch[];
  /** How many tasks they find. */
  readonly queued: number;
}

/** What the turns of a side came to. */
export interface Share {
  /** Tasks per second. */
  readonly rate: number;
  /** CPU seconds of workers and server per 10,000 tasks. */
  readonly cpu: number;
}

/** Lets both work by turns, until one of them has nothing left. */
export async function byTurns(
  server: BenchServer,
  sides: readonly [Side, Side],
): Promise<readonly [Share, Share]> {
  await using first = new Working(server, sides[0]);
  await using second = new Working(server, sides[1]);
  const both = [first, second] as const;
  for (const one of both) await one.warmUp();
  // The first of two is also the last of four.
  for (let at = 1; both.every((one) => one.hasMore); at++) {
    await both[at >> 1 & 1 ? 1 : 0].takeTurn();
  }
  return [first.share, second.share];
}

/** A side that works. */
class Working implements AsyncDisposable {
  readonly #server: BenchServer;
  readonly #side: Side;
  readonly #workers: WorkerGroup;
  #tasks = 0;
  #seconds = 0;
  #cpu = 0;

  constructor(server: BenchServer, side: Side) {
    this.#server = server;
    this.#side = side;
    this.#workers = new WorkerGroup(side.workers);
    this.#workers.halt();
  }

  /** Whether there is enough left for a turn. */
  get hasMore(): boolean {
    return this.#workers.progress.done < this.#side.queued * END;
  }

  get share(): Share {
    return {
      rate: this.#tasks / this.#seconds,
      cpu: this.#cpu / this.#tasks * 10_000,
    };
  }

  async warmUp(): Promise<void> {
    this.#workers.goOn();
    await this.#workers.ran(Math.ceil(this.#side.queued * WARM));
    this.#workers.halt();
  }

  async takeTurn(): Promise<void> {
    this.#workers.goOn();
    await pause(BEGINNING);
    const before = this.#look();
    await pause(TURN - BEGINNING);
    const after = this.#look();
    this.#workers.halt();
    if (!this.hasMore || after.at <= before.at) return;
    this.#tasks += after.done - before.done;
    this.#seconds += (after.at - before.at) / 1_000;
    this.#cpu += after.cpu - before.cpu;
  }

  #look(): { done: number; at: number; cpu: number } {
    const cpu = this.#workers.cost().cpu + costOf(this.#server.pids).cpu;
    return { ...this.#workers.progress, cpu };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#workers[Symbol.asyncDispose]();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
