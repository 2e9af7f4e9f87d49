/**
 * Whether limits hold over four worker processes, and what it costs others
 * that many tasks are held back by them.
 *
 * @module
 */

import type { Limit, Message } from "../../src/contracts/mod.ts";
import { lovageLimited } from "../contestants/lovage.ts";
import { watchLeases } from "../lease_times.ts";
import { openStore } from "../open_store.ts";
import { Driver, type Line } from "../processes.ts";
import { messages } from "../raw_tasks.ts";
import { byTurns, type Side } from "./by_turns.ts";
import type { Turn } from "./measure.ts";

/** The rows. */
export const LIMITS = {
  most: "100/s over four workers: most within a second",
  average: "100/s over four workers: average, /s",
  atOnce: "concurrency 3 over four workers: most at a time",
  plain: "drain beside nothing that limits hold back, /s",
  held: "drain beside 100,000 that limits hold back, /s",
  four: "four queues, drained beside nothing, /s",
  fourHeld: "four queues, each beside 50,000 with limits or unique, /s",
} as const;

const WORKERS = 4;
const SECONDS = 20;
const THREES = 1_500;
const HELD = 100_000;
const EACH = 50_000;
const BATCH = 2_000;
/** So many times the usual count are queued, so that there are many turns. */
const MORE = 2;
const QUEUES = ["one", "two", "three", "four"];

/** Measures all of it. */
export async function measureLimits(turn: Turn, round: number): Promise<void> {
  if (turn.contestant.name !== "Lovage") return;
  // They are compared with nobody, and take long.
  if (round === 1) {
    await rateOverWorkers(turn);
    await concurrencyOverWorkers(turn);
  }
  const isEven = round % 2 === 0;
  await compare(turn, isEven, ["default"], HELD, [LIMITS.plain, LIMITS.held]);
  await compare(turn, isEven, QUEUES, EACH, [LIMITS.four, LIMITS.fourHeld]);
}

type Run = readonly [task: string, from: number, to: number];

/** Four workers, and when tasks ran in them. */
class Watched implements AsyncDisposable {
  readonly runs: Run[] = [];
  readonly #drivers: Driver[];
  #ready = 0;
  #told = () => {};

  constructor(url: string) {
    this.#drivers = Array.from(
      { length: WORKERS },
      () => new Driver(lovageLimited({ url, results: true }), this.#hear),
    );
  }

  /** Waits until something is true, which changes when they say something. */
  async until(reached: () => boolean): Promise<void> {
    while (!reached()) {
      await new Promise<void>((resolve) => this.#told = resolve);
    }
  }

  ready(): Promise<void> {
    return this.until(() => this.#ready === WORKERS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const driver of this.#drivers) await driver[Symbol.asyncDispose]();
  }

  readonly #hear = ({ ready, runs }: Line): void => {
    if (ready === true) this.#ready++;
    if (Array.isArray(runs)) this.runs.push(...runs as Run[]);
    this.#told();
  };
}

async function rateOverWorkers({ server, scale, note }: Turn): Promise<void> {
  const url = await server.fresh();
  const seconds = Math.max(3, scale(SECONDS * 20) / 20);
  await send(url, "bench.paced", Math.ceil(seconds * 120), [
    { kind: "rate", key: "task:bench.paced", most: 100, per: 1_000 },
  ]);
  await using leases = await watchLeases(url);
  await using workers = new Watched(url);
  await workers.ready();
  await pause(seconds * 1_000 + 1_000);
  const [start = 0, ...rest] = await leases.read();
  const at = [start, ...rest].filter((at) => at < start + seconds * 1_000);
  note(LIMITS.average, at.length / seconds);
  note(LIMITS.most, mostWithin(at, 1_000));
}

async function concurrencyOverWorkers(
  { server, scale, note }: Turn,
): Promise<void> {
  const url = await server.fresh();
  const count = scale(THREES);
  await send(url, "bench.three", count, [
    { kind: "concurrency", key: "task:bench.three", most: 3 },
  ]);
  await using workers = new Watched(url);
  await workers.until(() => workers.runs.length >= count);
  note(LIMITS.atOnce, mostAtOnce(workers.runs));
}

/** The most of these times within a span. */
function mostWithin(sorted: readonly number[], span: number): number {
  let most = 0;
  let first = 0;
  for (const [index, at] of sorted.entries()) {
    while ((sorted[first] ?? at) <= at - span) first++;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

function mostAtOnce(runs: readonly Run[]): number {
  const edges = runs.flatMap(([, from, to]) => [[from, 1], [to, -1]] as const)
    .sort(([a, x], [b, y]) => a - b || x - y);
  let now = 0;
  return edges.reduce((most, [, by]) => Math.max(most, now += by), 0);
}

/** Drains beside nothing and beside what is held, by turns. */
async function compare(
  turn: Turn,
  isEven: boolean,
  queues: readonly string[],
  held: number,
  [none, beside]: readonly [string, string],
): Promise<void> {
  const { server, scale, note } = turn;
  const sides = [
    await side(turn, queues, isEven ? scale(held) : 0, 0),
    await side(turn, queues, isEven ? 0 : scale(held), 1),
  ] as const;
  const found = await byTurns(server, sides);
  const [plain, limited] = isEven ? found.toReversed() : found;
  if (plain === undefined || limited === undefined) return;
  note(none, plain.rate);
  note(beside, limited.rate);
  const row = `CPU ${beside.replace(", /s", " against nothing, %")}`;
  note(row, (limited.cpu / plain.cpu - 1) * 100);
}

/** A worker for each queue, which holds so many back beside its tasks. */
async function side(
  { server, contestant, scale }: Turn,
  queues: readonly string[],
  held: number,
  place: 0 | 1,
): Promise<Side> {
  const url = await server.fresh(place);
  const each = scale(Math.ceil(MORE * contestant.counts.drain / queues.length));
  for (const queue of queues) {
    if (held > 0) await holdBack(url, queue, held);
    await send(url, "bench.noop", each, undefined, queue);
  }
  await server.settle(url);
  return {
    workers: queues.map((queue) =>
      lovageLimited({ url, results: true, queue })
    ),
    queued: each * queues.length,
  };
}

/**
 * Messages that a limit holds back: half of them of one key, half of a key of
 * their own each, and unique. Who has the room never gives it back.
 */
async function holdBack(
  url: string,
  queue: string,
  count: number,
): Promise<void> {
  const full: Limit = { kind: "concurrency", key: `full ${queue}`, most: 1 };
  const store = await openStore(url);
  try {
    const { broker } = store;
    const consumer = `holder of ${queue}`;
    const lease = 3_600_000;
    await broker.heartbeat({
      id: consumer,
      name: consumer,
      lease,
      details: {},
    });
    const of = (size: number) =>
      messages(size).map((each) => ({ ...each, queue }));
    const [holder] = of(1);
    if (holder) await broker.publish([{ ...holder, limits: [full] }]);
    const signal = new AbortController().signal;
    const take = () =>
      broker.reserve({
        ...{ consumer, queues: [queue], limit: 100, wait: false, signal },
      });
    await take();
    for (let from = 0; from < count; from += BATCH) {
      await broker.publish(
        of(Math.min(BATCH, count - from)).map((each, n): Message =>
          n % 2 === 0 ? { ...each, limits: [full] } : {
            ...each,
            limits: [{ kind: "concurrency", key: each.id, most: 1 }, full],
            unique: { key: each.id, until: null },
          }
        ),
      );
      // As it would be a while later: each key was looked at once.
      for (let calls = 0; calls < BATCH / 100; calls++) await take();
    }
  } finally {
    await store.close();
  }
}

async function send(
  url: string,
  task: string,
  count: number,
  limits?: readonly Limit[],
  queue = "default",
): Promise<void> {
  const store = await openStore(url);
  try {
    for (let from = 0; from < count; from += BATCH) {
      const batch = messages(Math.min(BATCH, count - from));
      await store.broker.publish(batch.map((each) => ({
        ...each,
        ...{ task, queue, body: each.body.replace("bench.noop", task) },
        ...(limits === undefined ? {} : { limits }),
      })));
    }
  } finally {
    await store.close();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
