/**
 * Messages, records and the usual calls of the suites.
 *
 * @module
 */

import type {
  CancelRequest,
  ConsumerInfo,
  Delivery,
  Limit,
  Message,
  Page,
  PageRequest,
  ReserveRequest,
  ResultRecord,
  SettleAction,
  Settlement,
  Store,
  UniqueKey,
} from "../../contracts/mod.ts";
import { expectTrue } from "./expect.ts";

/** A message with this id, ready to be served. */
export function message(id: string, changes: Partial<Message> = {}): Message {
  return {
    id,
    task: "tests.task",
    queue: "default",
    priority: 5,
    eta: null,
    body: JSON.stringify({ id }),
    ...changes,
  };
}

/** A record of a task that succeeded. */
export function record(
  id: string,
  changes: Partial<ResultRecord> = {},
): ResultRecord {
  return {
    id,
    state: "SUCCESS",
    ended: true,
    task: "tests.task",
    worker: "worker@tests",
    updatedAt: 1_000,
    expiresAt: null,
    value: '"done"',
    error: null,
    meta: "{}",
    ...changes,
  };
}

/** So many at a time. */
export function slots(key: string, most: number): Limit {
  return { kind: "concurrency", key, most };
}

/** So many within a second, or within another span in ms. */
export function rate(key: string, most: number, per = 1_000): Limit {
  return { kind: "rate", key, most, per };
}

/** A message with these limits. */
export function limited(id: string, ...limits: readonly Limit[]): Message {
  return message(id, { limits });
}

/** One at a time. */
export const ONE: Limit = slots("k", 1);

/** Publishes messages with these limits. */
export async function publishLimited(
  { broker }: Store,
  ids: readonly string[],
  ...limits: readonly Limit[]
): Promise<void> {
  await broker.publish(ids.map((id) => limited(id, ...limits)));
}

/** A message with a unique key. */
export function unique(
  id: string,
  key: string,
  changes: Partial<UniqueKey> = {},
): Message {
  return message(id, { unique: { key, until: null, ...changes } });
}

/** A request to cancel a task. */
export function cancellation(
  id: string,
  changes: Partial<CancelRequest> = {},
): CancelRequest {
  const rememberUntil = Number.MAX_SAFE_INTEGER;
  return { id, terminate: false, rememberUntil, ...changes };
}

/** A consumer with a lease of 10 seconds. */
export function consumer(
  id: string,
  changes: Partial<ConsumerInfo> = {},
): ConsumerInfo {
  const details = { queues: ["default"] };
  return { id, name: `${id}@tests`, lease: 10_000, details, ...changes };
}

/** Reserves what there is, up to 100, from the default queue, as `c1`. */
export function reserve(
  store: Store,
  request: Partial<ReserveRequest> = {},
): Promise<readonly Delivery[]> {
  return store.broker.reserve({
    consumer: "c1",
    queues: ["default"],
    limit: 100,
    wait: false,
    signal: new AbortController().signal,
    ...request,
  });
}

/** Reserves one delivery; throws if there is none. */
export async function reserveOne(
  store: Store,
  request: Partial<ReserveRequest> = {},
): Promise<Delivery> {
  const [delivery] = await reserve(store, { limit: 1, ...request });
  if (delivery === undefined) throw new Error("Expected a delivery, got none");
  return delivery;
}

/** The settlement of a delivery. */
export function settlement(
  delivery: Delivery,
  action: SettleAction = { kind: "ack" },
  rest: Pick<Settlement, "result" | "publish" | "groups" | "ends"> = {},
): Settlement {
  return { id: delivery.id, token: delivery.token, action, ...rest };
}

/** Publishes a message and reserves it. */
export async function deliver(
  store: Store,
  id: string,
  changes: Partial<Message> = {},
): Promise<Delivery> {
  const one = message(id, changes);
  await store.broker.publish([one]);
  return reserveOne(store, { queues: [one.queue] });
}

/** The ids of what was given. */
export function ids(items: readonly { readonly id: string }[]): string[] {
  return items.map((item) => item.id);
}

/** Asks again until the answer is there; fails after five seconds. */
export async function eventually(
  what: string,
  check: () => boolean | Promise<boolean>,
): Promise<void> {
  const end = Date.now() + 5_000;
  while (!await check()) {
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Fails if the promise takes longer than five seconds. */
export async function soon<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`Waited in vain for ${what}`);
    timer = setTimeout(() => reject(error), 5_000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Gives a call that waits the time to come to its waiting; there is no event
 * for that. If it comes too early, the test is less strict, never wrong.
 */
export function letWait(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 15));
}

/** Starts a reservation that waits, as `waiter`. */
export async function startWaiting(
  store: Store,
  queues: readonly string[] = ["default"],
): Promise<() => Promise<readonly Delivery[]>> {
  const answer = reserve(store, { consumer: "waiter", queues, wait: true });
  await letWait();
  return () => soon("a waiting reservation", answer);
}

/**
 * The items of all pages, one after the other.
 *
 * @param read reads one page
 */
export async function allPages<T>(
  limit: number,
  read: (page: PageRequest) => Promise<Page<T>>,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null | undefined;
  for (let calls = 0; cursor !== null; calls++) {
    expectTrue(calls < 1_000, "the pages to come to an end");
    const page = await read({ limit, cursor: cursor ?? undefined });
    expectTrue(page.items.length <= limit, "no more items than asked for");
    all.push(...page.items);
    cursor = page.cursor;
  }
  return all;
}
