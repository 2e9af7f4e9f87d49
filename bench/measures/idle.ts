/**
 * What a worker of Lovage takes while it has nothing to do, started by the
 * command line as users start it.
 *
 * @module
 */

import { lovageCli } from "../contestants/lovage.ts";
import { costOf } from "../cost.ts";
import { Driver, runDriver } from "../processes.ts";
import type { Turn } from "./measure.ts";

/** The rows of a pool. */
export const idleRows = (pool: string) => ({
  cpu: `idle worker CPU, % (${pool})`,
  served: `idle worker, commands/s (${pool})`,
  mb: `idle worker RSS, MB (${pool})`,
});

/** The pools, by their flags. */
export const IDLE_POOLS: Readonly<Record<string, readonly string[]>> = {
  async: ["-P", "async"],
  "2 isolates": ["-P", "isolate", "-c", "2"],
};

const SECONDS = 10;
// Backends of PostgreSQL count some transactions ten seconds late.
const SETTLE_MS = 11_000;

/** Measures both pools. */
export async function measureIdle(turn: Turn): Promise<void> {
  if (turn.contestant.name !== "Lovage") return;
  for (const pool of Object.keys(IDLE_POOLS)) await idle(turn, pool);
}

async function idle(
  { contestant, server, scale, note }: Turn,
  pool: string,
): Promise<void> {
  const url = await server.fresh();
  const seconds = scale(SECONDS * 10) / 10;
  await using worker = new Driver(
    lovageCli(url, IDLE_POOLS[pool] ?? []),
    () => {},
  );
  // It is up when it has answered.
  await runDriver(contestant.producer("calls", {
    ...{ url, results: true, warm: 0, count: 20 },
  }));
  await pause(SETTLE_MS);
  const before = {
    cpu: costOf([worker.pid]).cpu,
    served: await server.served(url),
  };
  const start = performance.now();
  await pause(seconds * 1000);
  const after = costOf([worker.pid]);
  const spent = (performance.now() - start) / 1000;
  const rows = idleRows(pool);
  note(rows.cpu, (after.cpu - before.cpu) / spent * 100);
  note(rows.served, (await server.served(url) - before.served) / spent);
  note(rows.mb, after.mb);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
