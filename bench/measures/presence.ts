/**
 * Whether what is scheduled far ahead and what is finished costs Lovage
 * anything while it drains: the same drain beside both and beside nothing, on
 * a server of its own that keeps what it was loaded with over all rounds. It
 * was all sent over the last day, as results are kept for a day.
 *
 * @module
 */

import { openStore } from "../open_store.ts";
import { messages, resultOf } from "../raw_tasks.ts";
import { type BenchServer, startServer } from "../servers.ts";
import { drain } from "./draining.ts";
import type { Turn } from "./measure.ts";

/** The rows. */
export const PRESENCE = {
  none: "drain beside nothing, /s",
  loaded: "drain beside 500,000 scheduled and 1,000,000 results, /s",
  cost: "cost of what is scheduled and finished, %",
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
    const order = round % 2 === 0 ? ["none", "loaded"] : ["loaded", "none"];
    const rates: Record<string, number> = {};
    for (const place of order) {
      const url = place === "none" ? await this.#server.fresh() : this.#url;
      rates[place] = await this.#rate(turn, url);
    }
    const { none = NaN, loaded = NaN } = rates;
    turn.note(PRESENCE.none, none);
    turn.note(PRESENCE.loaded, loaded);
    turn.note(PRESENCE.cost, (1 - loaded / none) * 100);
  }

  async #rate({ contestant, scale }: Turn, url: string): Promise<number> {
    const queued = scale(contestant.counts.drain);
    const drained = await drain({
      ...{ contestant, url, queued, server: this.#server, results: true },
      warm: Math.ceil(queued / 6),
      variant: contestant.variants[0] ?? "",
    });
    return drained.rate;
  }

  /** Ends the server. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.stop();
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
