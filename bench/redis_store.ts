/**
 * What the Redis store does per second, without any worker, on a server of
 * its own without persistence: batches published, reserved and settled with
 * results, single calls one at a time and 100 in flight, and the processor
 * time of the server. Beside it the floor, the same bodies pushed onto a bare
 * list. Then the same over a long backlog, to see that nothing grows.
 *
 * ```sh
 * deno run -A bench/redis_store.ts [backlog]
 * ```
 *
 * @module
 */

import { redisStore } from "../adapters/redis/mod.ts";
import type { Message, Settlement, Store } from "../src/contracts/mod.ts";
import { startRedis } from "../tests/adapters/fixtures/redis_server.ts";

const SIZES = [100, 500, 1_000];
const ROUNDS = 60;
const backlog = Number(Deno.args[0] ?? 500_000);
const signal = new AbortController().signal;
const body = JSON.stringify({ args: ["a.png", 640], root: "x".repeat(60) });

const server = await startRedis();
const store = redisStore({ url: server.url });
await store.open();

/** Ids that rise with time, as the producer's do. */
function id(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${
    crypto.randomUUID().slice(15)
  }`;
}

function batchOf(size: number, changes: Partial<Message> = {}): Message[] {
  return Array.from({ length: size }, () => ({
    ...{ id: id(), task: "images.resize", queue: "default", priority: 5 },
    ...{ eta: null, body },
    ...changes,
  }));
}

async function work(store: Store, size: number): Promise<void> {
  const deliveries = await store.broker.reserve({
    ...{ consumer: "c1", queues: ["default"], limit: size },
    ...{ wait: false, signal },
  });
  if (deliveries.length !== size) throw new Error("Too few deliveries");
  const now = Date.now();
  const held = await store.broker.settle(
    "c1",
    deliveries.map(({ id, token, task }): Settlement => ({
      ...{ id, token, action: { kind: "ack" } },
      result: {
        ...{ id, state: "SUCCESS", ended: true, task, worker: "w@host" },
        ...{ updatedAt: now, expiresAt: now + 86_400_000 },
        ...{ value: '"done"', error: null, meta: '{"retries":0}' },
      },
    })),
  );
  if (!held.every((one) => one)) throw new Error("A lease was lost");
}

/** Processor time of the server so far, in seconds. */
function serverTime(): number {
  const stat = Deno.readTextFileSync(`/proc/${server.pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Processor time of this process so far, in seconds. */
function ownTime(): number {
  const stat = Deno.readTextFileSync("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function median(times: number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] ?? NaN;
}

function figure(rate: number): string {
  return Math.round(rate).toLocaleString("en").padStart(9);
}

/** Publishes and works in turns; the rates per second. */
async function measure(size: number): Promise<readonly [number, number]> {
  const publish: number[] = [];
  const working: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const batch = batchOf(size);
    let start = performance.now();
    await store.broker.publish(batch);
    publish.push(performance.now() - start);
    start = performance.now();
    await work(store, size);
    working.push(performance.now() - start);
  }
  return [size / median(publish) * 1_000, size / median(working) * 1_000];
}

async function report(title: string): Promise<void> {
  console.log(title);
  for (const size of SIZES) {
    const [own, theirs] = [ownTime(), serverTime()];
    const [publish, working] = await measure(size);
    const tasks = ROUNDS * size / 10_000;
    const cpu = [
      ((ownTime() - own) / tasks).toFixed(3),
      ((serverTime() - theirs) / tasks).toFixed(3),
    ];
    console.log(
      `  by ${String(size).padStart(5)}: publish ${figure(publish)}/s, ` +
        `reserve and settle ${figure(working)}/s, ` +
        `CPU per 10,000: client ${cpu[0]} s, server ${cpu[1]} s`,
    );
  }
}

async function singles(): Promise<void> {
  const count = 3_000;
  let start = performance.now();
  for (let n = 0; n < count; n++) await store.broker.publish(batchOf(1));
  const alone = count / (performance.now() - start) * 1_000;
  start = performance.now();
  const lane = async () => {
    for (let n = 0; n < count / 20; n++) await store.broker.publish(batchOf(1));
  };
  await Promise.all(Array.from({ length: 100 }, lane));
  const abreast = 5 * count / (performance.now() - start) * 1_000;
  start = performance.now();
  for (let n = 0; n < count; n++) await work(store, 1);
  const worked = count / (performance.now() - start) * 1_000;
  await store.broker.purge(["default"]);
  console.log(
    `one at a time: publish ${figure(alone)}/s, 100 in flight without ` +
      `group commit ${figure(abreast)}/s, reserve and settle ${
        figure(worked)
      }/s`,
  );
}

/** Adds as many queued and scheduled tasks, and twice as many results. */
async function fill(total: number): Promise<void> {
  for (let left = total; left > 0; left -= 10_000) {
    const size = Math.min(left, 10_000);
    await store.broker.publish(batchOf(size));
    const eta = Date.now() + 3_600_000;
    await store.broker.publish(batchOf(size, { eta: eta + left }));
    const now = Date.now();
    await store.results.store(
      batchOf(2 * size).map(({ id, task }) => ({
        ...{ id, state: "SUCCESS", ended: true, task, worker: "w@host" },
        ...{ updatedAt: now, expiresAt: now + 86_400_000 + left },
        ...{ value: '"done"', error: null, meta: '{"retries":0}' },
      })),
    );
  }
}

await measure(500);
await report("empty");
await singles();
await fill(backlog);
await report(`${backlog.toLocaleString("en")} queued and scheduled, results`);
for (
  const [name, call] of Object.entries({
    queues: () => store.inspector.queues(),
    countByState: () => store.results.countByState(),
    tasks: () => store.inspector.tasks({ status: "scheduled" }, { limit: 100 }),
    query: () => store.results.query({ task: "none" }, { limit: 100 }),
  })
) {
  const start = performance.now();
  await call();
  console.log(`  ${name}: ${(performance.now() - start).toFixed(1)} ms`);
}

await store.close();
await server.stop();
