/**
 * What every contestant's process does, so that all are measured by the same
 * code: it sends in loops, or works and reports how far it is. One role and
 * its settings come as arguments, one JSON object per line goes to stdout.
 * Plain JavaScript, since Node and Deno both run it.
 *
 * Roles: `enqueue` times sends, `pickups` sends now and then with the time of
 * sending, `calls` times sends with their results, `work` is a worker.
 *
 * @module
 */

import process from "node:process";

/**
 * @typedef {{ n: number, pad: string, sentAt?: number }} Payload
 *   What every task carries.
 *
 * @typedef {object} Producer
 * @property {(payload: Payload) => Promise<unknown>} add sends one task
 * @property {(payloads: Payload[]) => Promise<unknown>} addMany sends many
 *   by one call
 * @property {((payload: Payload) => Promise<unknown>) | undefined} [call]
 *   sends one and waits for its result, where there are results
 *
 * @typedef {object} Contestant
 * @property {(settings: any) => Promise<Producer>} produce opens a producer
 * @property {(settings: any, ran: (payload: Payload) => void) =>
 *   Promise<(() => number) | void>} work starts a worker, which calls `ran`
 *   for each task; returns a counter where tasks run out of its sight
 */

// Brings the JSON of a payload to about a hundred bytes.
const PAD = "x".repeat(80);

// Between two reports of a worker, in milliseconds.
const REPORT_EVERY = 10;

/**
 * Milliseconds since the epoch, finer than `Date.now()`.
 *
 * @returns {number}
 */
export const now = () => performance.timeOrigin + performance.now();

/** @param {unknown} line */
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/**
 * Plays the role that the arguments name, then ends the process; a worker
 * runs until it is killed.
 *
 * @param {Contestant} contestant
 * @returns {Promise<void>}
 */
export async function drive(contestant) {
  const role = process.argv[2] ?? "";
  const settings = JSON.parse(process.argv[3] ?? "{}");
  if (role === "work") return await work(contestant, settings);
  const producer = await contestant.produce(settings);
  const play = { enqueue, pickups, calls }[role];
  if (play === undefined) throw new Error(`There is no role "${role}"`);
  await play(producer, settings);
  process.exit(0);
}

/**
 * @param {Producer} producer
 * @param {any} settings
 */
async function enqueue(producer, { how, warm, count, batch, lanes }) {
  const send = { one, flight, bulk }[/** @type {"one"} */ (how)];
  await send(producer, warm, batch, lanes);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await send(producer, count, batch, lanes);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  say({ seconds, cpu: (user + system) / 1e6 });
}

/**
 * @param {Producer} producer
 * @param {number} count
 */
async function one(producer, count) {
  for (let n = 0; n < count; n++) await producer.add({ n, pad: PAD });
}

/**
 * @param {Producer} producer
 * @param {number} count
 */
async function flight(producer, count) {
  let n = 0;
  await inLanes(100, async () => {
    while (n < count) await producer.add({ n: n++, pad: PAD });
  });
}

/**
 * @param {Producer} producer
 * @param {number} count
 * @param {number} batch how many by one call
 * @param {number} lanes how many calls in flight
 */
async function bulk(producer, count, batch, lanes) {
  let from = 0;
  await inLanes(lanes, async () => {
    while (from < count) {
      const first = from;
      const size = Math.min(batch, count - from);
      from += size;
      await producer.addMany(
        Array.from({ length: size }, (_, n) => ({ n: first + n, pad: PAD })),
      );
    }
  });
}

/**
 * @param {number} lanes
 * @param {() => Promise<void>} lane
 */
async function inLanes(lanes, lane) {
  await Promise.all(Array.from({ length: lanes }, lane));
}

/**
 * @param {Producer} producer
 * @param {any} settings
 */
async function pickups(producer, { count, gap }) {
  for (let n = 0; n < count; n++) {
    await producer.add({ n, pad: PAD, sentAt: now() });
    // The worker is to be idle again before the next one.
    await new Promise((resolve) => setTimeout(resolve, gap));
  }
}

/**
 * @param {Producer} producer
 * @param {any} settings
 */
async function calls(producer, { warm, count }) {
  const times = [];
  for (let n = 0; n < warm + count; n++) {
    const start = performance.now();
    await producer.call?.({ n, pad: PAD });
    if (n >= warm) times.push(performance.now() - start);
  }
  say({ times });
}

/**
 * @param {Contestant} contestant
 * @param {any} settings
 */
async function work(contestant, settings) {
  let ran = 0;
  let told = 0;
  const counter = await contestant.work(settings, ({ sentAt }) => {
    ran++;
    if (sentAt !== undefined) say({ pickup: now() - sentAt });
  });
  say({ ready: true });
  setInterval(() => {
    const done = counter === undefined ? ran : counter();
    if (done === told) return;
    told = done;
    say({ done, at: now() });
  }, REPORT_EVERY);
}
