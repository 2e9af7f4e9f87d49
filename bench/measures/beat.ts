/**
 * What beat costs with many entries: until it sends its first task, when all
 * of them are due at once, and while nothing is due.
 *
 * @module
 */

import { BeatProcess } from "../beat_process.ts";
import { fillSchedule, makeDue } from "../schedule.ts";
import type { Turn } from "./measure.ts";

/** The rows. */
export const BEAT = {
  start: "beat with 10,000 entries: start to first task sent, s",
  burst: "beat: 10,000 entries due at once, all sent after, s",
  burstCpu: "beat: 10,000 entries due at once, CPU s",
  burstMb: "beat: RSS after that, MB",
} as const;

/** The rows of an idle beat, by how many entries it has. */
export const idleBeatRows = (entries: string) => ({
  cpu: `idle beat CPU, % (${entries} entries)`,
  served: `idle beat, commands/min (${entries} entries)`,
  mb: `idle beat RSS, MB (${entries} entries)`,
});

/** How many entries an idle beat has. */
export const IDLE_BEATS: Readonly<Record<string, number>> = {
  "10": 10,
  "10,000": 10_000,
};

const ENTRIES = 10_000;
// So long before they are due, entries are written.
const AHEAD_MS = 8_000;
const IDLE_SECONDS = 30;
// Backends of PostgreSQL count some transactions ten seconds late.
const SETTLE_MS = 11_000;

/** Measures all of it; what is idle in the first round alone. */
export async function measureBeat(turn: Turn, round: number): Promise<void> {
  if (turn.contestant.name !== "Lovage") return;
  await work(turn);
  // It is compared with nobody, and takes long.
  if (round > 1) return;
  for (const entries of Object.keys(IDLE_BEATS)) await idle(turn, entries);
}

async function work({ server, scale, note }: Turn): Promise<void> {
  const url = await server.fresh();
  const count = scale(ENTRIES);
  await fillSchedule(url, count);
  await makeDue(url, Date.now(), 1);
  await server.settle(url);
  const startedAt = now();
  await using beat = new BeatProcess(url);
  note(BEAT.start, (await beat.sent(1) - startedAt) / 1000);

  const dueAt = Date.now() + AHEAD_MS;
  await makeDue(url, dueAt);
  // Until then it has taken over that they were changed.
  await pause(dueAt - Date.now() - AHEAD_MS / 4);
  const before = beat.cost.cpu;
  note(BEAT.burst, (await beat.sent(1 + count) - dueAt) / 1000);
  const after = beat.cost;
  note(BEAT.burstCpu, after.cpu - before);
  note(BEAT.burstMb, after.mb);
}

async function idle(
  { server, scale, note }: Turn,
  entries: string,
): Promise<void> {
  const url = await server.fresh();
  const seconds = scale(IDLE_SECONDS * 10) / 10;
  await fillSchedule(url, scale(IDLE_BEATS[entries] ?? 0));
  await makeDue(url, Date.now(), 1);
  await using beat = new BeatProcess(url);
  await beat.sent(1);
  await pause(SETTLE_MS);
  const own = await server.served(url);
  const before = { cpu: beat.cost.cpu, served: await server.served(url) };
  const start = performance.now();
  await pause(seconds * 1000);
  const after = { ...beat.cost, served: await server.served(url) };
  const minutes = (performance.now() - start) / 60_000;
  const rows = idleBeatRows(entries);
  note(rows.cpu, (after.cpu - before.cpu) / minutes / 60 * 100);
  note(rows.mb, after.mb);
  if (server.store === "sqlite") return;
  // Without what asking for it costs.
  const served = after.served - before.served - (before.served - own);
  note(rows.served, served / minutes);
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
