/**
 * Whether what is scheduled far ahead and what is finished costs Lovage
 * anything while it drains: the same drain beside both and beside nothing, by
 * turns, on a server of its own that keeps what it was loaded with over all
 * rounds. It was all sent over the last day, as results are kept for a day.
 *
 * @module
 */

import { openStore } from "../open_store.ts";
import { messages, resultOf } from "../raw_tasks.ts";
import { type BenchServer, startServer } from "../servers.ts";
import { WorkerGroup } from "../worker_group.ts";
import { byTurns, type Side } from "./by_turns.ts";
import { noneLeft } from "./draining.ts";
import { fill } from "./enqueue.ts";
import type { Turn } from "./measure.ts";

/** The rows. */
export const PRESENCE = {
  none: "drain beside nothing, /s",
  loaded: "drain beside 500,000 scheduled and 1,000,000 results, /s",
  cost: "cost of what is scheduled and finished, %",
  cpu: "CPU cost of what is scheduled and finished, %",
} as const;

const SCHEDULED = 500_000;
const RESULTS = 1_000_000;
const BATCH = 5_000;
const A_DAY = 86_400_000;

/** A server with a loaded place. */
export class Loaded implements AsyncDisposable {
  readonly #server: BenchServer;
  readonly #url: string;

  private constructor(server: BenchServer, url: string) {
    this.#server = server;
    this.#url = url;
  }

  /** Starts the server and loads it. */
  static async start({ server: { store }, scale }: Turn): Promise<Loaded> {
    const server = await startServer(store);
    const url = await server.another();
    await load(url, scale(SCHEDULED), scale(RESULTS));
    await server.settle(url);
    return new Loaded(server, url);
  }

  /** Measures both; which goes first alternates. */
  async measure(turn: Turn, round: number): Promise<void> {
    const isEven = round % 2 === 0;
    const none = await side(turn, this.#server, await this.#server.fresh());
    const loaded = await side(turn, this.#server, this.#url);
    const found = await byTurns(
      this.#server,
      isEven ? [none, loaded] : [loaded, none],
    );
    await this.#finish(turn, loaded);
    const [beside, alone] = isEven ? found.toReversed() : found;
    if (beside === undefined || alone === undefined) return;
    turn.note(PRESENCE.none, alone.rate);
    turn.note(PRESENCE.loaded, beside.rate);
    turn.note(PRESENCE.cost, (1 - beside.rate / alone.rate) * 100);
    turn.note(PRESENCE.cpu, (beside.cpu / alone.cpu - 1) * 100);
  }

  /** Drains what the turns have left, so that all rounds begin alike. */
  async #finish({ contestant }: Turn, { workers }: Side): Promise<void> {
    await giveBack(this.#url);
    const watch = await contestant.watch(this.#url);
    try {
      await using _workers = new WorkerGroup(workers);
      await noneLeft(watch);
    } finally {
      await watch.close();
    }
  }

  /** Ends the server. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.stop();
  }
}

async function side(
  { contestant, scale }: Turn,
  server: BenchServer,
  url: string,
): Promise<Side> {
  const queued = scale(contestant.counts.drain);
  await fill(contestant, url, queued, true);
  await server.settle(url);
  const variant = contestant.variants[0] ?? "";
  const worker = contestant.worker({ url, results: true, variant });
  return { workers: [worker], queued };
}

/** What the workers held when they were killed goes back. */
async function giveBack(url: string): Promise<void> {
  const store = await openStore(url);
  try {
    for (const { id } of await store.inspector.consumers()) {
      await store.broker.leave(id);
    }
  } finally {
    await store.close();
  }
}

async function load(
  url: string,
  scheduled: number,
  results: number,
): Promise<void> {
  const store = await openStore(url);
  try {
    const start = Date.now() - A_DAY;
    const eta = Date.now() + A_DAY;
    for (let from = 0; from < scheduled; from += BATCH) {
      const size = Math.min(BATCH, scheduled - from);
      await store.broker.publish(messages(
        size,
        (n) => eta + from + n,
        (n) => start + (from + n) / scheduled * A_DAY,
      ));
    }
    for (let from = 0; from < results; from += BATCH) {
      const batch = messages(
        Math.min(BATCH, results - from),
        undefined,
        (n) => start + (from + n) / results * A_DAY,
      );
      await store.results.store(
        batch.map((one) => resultOf(one, A_DAY + from)),
      );
    }
  } finally {
    await store.close();
  }
}
