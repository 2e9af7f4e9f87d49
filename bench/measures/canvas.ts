/**
 * What it costs that tasks belong together: chords against as many plain
 * tasks, and the links of a chain against the pickup of a task.
 *
 * @module
 */

import { lovageCanvas } from "../contestants/lovage.ts";
import { runDriver } from "../processes.ts";
import { quantile } from "../samples.ts";
import { WorkerGroup } from "../worker_group.ts";
import type { Turn } from "./measure.ts";

/** The rows. */
export const CANVAS = {
  plain: "10,000 plain tasks and their results, ms",
  chord: "chord of 10,000, ms",
  few: "chord of 1,000, µs per member",
  many: "chord of 100,000, µs per member",
  manyMb: "chord of 100,000: worker RSS, MB",
  manyServerMb: "chord of 100,000: what the server holds more, MB",
  link: "chain of 1,000, ms per link",
} as const;

/** Measures Lovage; peers have no chords. */
export async function measureCanvas(turn: Turn): Promise<void> {
  const { contestant, server, scale, note } = turn;
  if (contestant.name !== "Lovage") return;
  const url = await server.fresh();
  await using worker = new WorkerGroup([
    contestant.worker({ url, results: true, variant: "async" }),
  ]);
  await worker.ready();
  const ms = async (shape: string, size: number, times: number) => {
    const call = lovageCanvas(url, { shape, size: scale(size), times });
    const { times: all } = await runDriver(call);
    return quantile((all as number[]).sort((a, b) => a - b), 0.5);
  };
  note(CANVAS.plain, await ms("plain", 10_000, 5));
  note(CANVAS.chord, await ms("chord", 10_000, 5));
  note(CANVAS.few, await ms("chord", 1_000, 20) / scale(1_000) * 1000);
  note(CANVAS.link, await ms("chain", 1_000, 1) / scale(1_000));
  const held = await HeldBytes.watch(() => server.bytes(url));
  note(CANVAS.many, await ms("chord", 100_000, 1) / scale(100_000) * 1000);
  note(CANVAS.manyMb, worker.peakMb);
  note(CANVAS.manyServerMb, await held.stop() / 2 ** 20);
}

/** How often the server is asked what it holds, in ms. */
const LOOK_EVERY = 250;

/** Watches how much more a server holds than at first. */
class HeldBytes {
  readonly #bytes: () => Promise<number>;
  readonly #first: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #most: number;

  private constructor(bytes: () => Promise<number>, first: number) {
    this.#bytes = bytes;
    this.#first = this.#most = first;
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY);
  }

  static async watch(bytes: () => Promise<number>): Promise<HeldBytes> {
    return new HeldBytes(bytes, await bytes());
  }

  /** Ends the watch; returns the most that was held more. */
  async stop(): Promise<number> {
    clearInterval(this.#timer);
    await this.#look();
    return this.#most - this.#first;
  }

  async #look(): Promise<void> {
    this.#most = Math.max(this.#most, await this.#bytes());
  }
}
