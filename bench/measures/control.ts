/**
 * How soon a busy loop in a worker of another process is ended: from
 * `terminate()` until a caller that waits for the task knows that it was
 * revoked.
 *
 * @module
 */

import { Lovage, TaskRevokedError } from "@lovage/lovage";
import { lovageCli } from "../contestants/lovage.ts";
import { Driver } from "../processes.ts";
import { quantile } from "../samples.ts";
import type { Turn } from "./measure.ts";

/** The rows. */
export const CONTROL = {
  terminate50: "terminate of a busy loop to REVOKED, p50, ms",
  terminateMost: "terminate of a busy loop to REVOKED, the longest, ms",
} as const;

const TASKS = 40;
const PATIENCE = "60s";

/** Measures it. */
export async function measureControl(turn: Turn): Promise<void> {
  const { contestant, server, scale, note } = turn;
  if (contestant.name !== "Lovage") return;
  const url = await server.fresh();
  await using app = new Lovage("bench", { brokerUrl: url });
  // A store file must be there before the worker looks for it.
  await app.results.countByState();
  await using _worker = new Driver(lovageCli(url, ["-c", "1"]), () => {});
  const times: number[] = [];
  for (let n = 0; n < Math.max(scale(TASKS * 20) / 20, 5); n++) {
    times.push(await terminateOne(app));
  }
  times.sort((a, b) => a - b);
  note(CONTROL.terminate50, quantile(times, 0.5));
  note(CONTROL.terminateMost, times.at(-1) ?? NaN);
}

async function terminateOne(app: Lovage): Promise<number> {
  const sent = await app.sendTask("bench.spin");
  const deadline = performance.now() + 60_000;
  while (await sent.state() !== "STARTED") {
    if (performance.now() > deadline) throw new Error("It does not start");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const ended = sent.get({ timeout: PATIENCE }).catch((error) => error);
  const begin = performance.now();
  await app.control.terminate(sent.id);
  const error = await ended;
  if (!(error instanceof TaskRevokedError)) throw error;
  return performance.now() - begin;
}
