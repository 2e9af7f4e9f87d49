/**
 * kill -9 of beats, again and again, while entries are due each second.
 *
 * @module
 */

import { assert } from "@std/assert";
import {
  startPostgres,
  UNSYNCED,
  whyNoPostgres,
} from "../adapters/fixtures/postgres_server.ts";
import {
  missing as whyNoRedis,
  startRedis,
} from "../adapters/fixtures/redis_server.ts";
import { LEASE, PERIOD } from "./fixtures/beat.ts";
import { Beats } from "./fixtures/beats.ts";
import { sqliteFile } from "./fixtures/sqlite_file.ts";

const GIVEN = Deno.env.get("LOVAGE_CHAOS_SECONDS");
/** For how long beats are killed, in ms. */
const DURATION = Number(GIVEN ?? 20) * 1_000;
/** The longest that nothing happens to them, in ms. */
const LULL = 2_000;
/** So soon after the lease of a dead one has ended another leads, in ms. */
const SLACK = 2_000;

/** A place for entries, of its own. */
interface Place extends AsyncDisposable {
  readonly url: string;
}

const STORES: readonly {
  readonly kind: string;
  readonly start: () => Promise<Place>;
  readonly reason?: string | undefined;
}[] = [
  { kind: "sqlite", start: sqliteFile },
  {
    kind: "redis",
    reason: whyNoRedis,
    async start() {
      const { url, stop } = await startRedis();
      return { url, [Symbol.asyncDispose]: stop };
    },
  },
  {
    kind: "postgres",
    reason: whyNoPostgres(),
    async start() {
      const server = await startPostgres(UNSYNCED);
      return { url: server.url(), [Symbol.asyncDispose]: server.dispose };
    },
  },
];

Deno.test("beats that are killed send each time once", async (t) => {
  await Promise.all(STORES.map(({ kind, start, reason }) =>
    t.step({
      name: reason === undefined ? kind : `${kind}: ${reason}`,
      ignore: reason !== undefined,
      // They run side by side; the test as a whole leaks nothing.
      ...{ sanitizeOps: false, sanitizeResources: false, sanitizeExit: false },
      async fn() {
        await using place = await start();
        await using beats = await Beats.on(place.url, 2);
        const said = await killBeats(beats);
        if (GIVEN !== undefined) console.log(`${kind}: ${said}`);
      },
    })
  ));
});

/** Says what happened. */
async function killBeats(beats: Beats): Promise<string> {
  const end = Date.now() + DURATION;
  const takeovers: number[] = [];
  let kills = 0;
  while (Date.now() < end) {
    await pause(untilHit());
    const leader = await beats.leader();
    const victim = victimOf(beats.names, leader);
    await beats.kill(victim);
    kills++;
    const start = performance.now();
    const takenOver = async () => {
      await beats.led();
      if (victim === leader) takeovers.push(performance.now() - start);
    };
    await Promise.all([beats.start(), takenOver()]);
  }
  await beats.ranUntil(Math.floor(Date.now() / PERIOD) * PERIOD);
  const ticks = await beats.settled();
  const longest = Math.max(...takeovers);
  assert(takeovers.length > kills / 3, "the leader was hardly ever killed");
  assert(longest < LEASE + SLACK, `nobody led for ${longest} ms`);
  return `${kills} kills, ${takeovers.length} of the leader; ${ticks} times, ` +
    `each sent once; taken over within ${spread(takeovers)} ms; ` +
    `ran ${spread(beats.book.delays)} ms after their times`;
}

/** Most blows fall while something is being sent. */
function untilHit(): number {
  const lull = Math.random() * LULL;
  if (Math.random() < 0.2) return lull;
  const sinceTick = (Date.now() + lull) % PERIOD;
  return lull + PERIOD - sinceTick + Math.random() * 15;
}

/** Most of the time the one that leads. */
function victimOf(names: readonly string[], leader: string | null): string {
  const isKnown = leader !== null && names.includes(leader);
  if (isKnown && Math.random() < 0.8) return leader;
  return names[Math.floor(Math.random() * names.length)] ?? "";
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The least, the one in the middle, and the most. */
function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) =>
    Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? NaN);
  return `${at(0)}–${at(0.5)}–${at(1)}`;
}
