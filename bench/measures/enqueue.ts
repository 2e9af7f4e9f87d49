/**
 * How fast tasks are sent: one at a time, a hundred in flight, in bulk.
 *
 * @module
 */

import type { Contestant, How } from "../contestants/contestant.ts";
import { runDriver } from "../processes.ts";
import type { Turn } from "./measure.ts";

/** The rows, by how tasks are sent. */
export const ENQUEUE: Record<How, string> = {
  one: "enqueue one at a time, /s",
  flight: "enqueue 100 in flight, /s",
  bulk: "enqueue bulk, /s",
};

/**
 * What part of the tasks comes before the clock starts. The way of a single
 * send is warm last: engines see it once per round trip.
 */
const WARM: Record<How, number> = { one: 1 / 2, flight: 1 / 10, bulk: 1 / 10 };

/** Measures all three, each with an empty store. */
export async function measureEnqueue(turn: Turn): Promise<void> {
  const { contestant, server, scale, note } = turn;
  for (const how of ["one", "flight", "bulk"] as const) {
    const url = await server.fresh();
    const count = scale(contestant.counts[how]);
    const warm = Math.ceil(count * WARM[how]);
    const { seconds, cpu } = await send(contestant, { url, how, count, warm });
    note(ENQUEUE[how], count / seconds);
    note(`${how}: producer CPU, s per 10,000`, cpu / count * 10_000);
  }
}

/** Puts tasks into a queue, in bulk. */
export async function fill(
  contestant: Contestant,
  url: string,
  count: number,
  results: boolean,
): Promise<void> {
  await send(contestant, { url, how: "bulk", count, warm: 0, results });
}

interface Sending {
  readonly url: string;
  readonly how: How;
  readonly count: number;
  readonly warm: number;
  readonly results?: boolean;
}

async function send(
  contestant: Contestant,
  { results = true, ...sending }: Sending,
): Promise<{ seconds: number; cpu: number }> {
  const { batch, lanes } = contestant.bulk;
  const settings = { ...sending, results, batch, lanes };
  const line = await runDriver(contestant.producer("enqueue", settings));
  return line as { seconds: number; cpu: number };
}
