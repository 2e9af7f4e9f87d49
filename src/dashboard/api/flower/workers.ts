/**
 * Flower's API of workers.
 *
 * @module
 */

import { type Context, Hono } from "hono";
import type { Done } from "../../../control/facts.ts";
import type { Replies } from "../../../control/replies.ts";
import type { DashboardContext, DashboardEnv } from "../../context.ts";
import { count, given, isOn, text } from "./given.ts";
import { seconds } from "./shapes.ts";

type Given = Readonly<Record<string, unknown>>;

interface Order {
  /** Tells it to a worker. */
  run(
    context: DashboardContext,
    worker: string,
    given: Given,
  ): Promise<Replies<Done>>;
  /** What Flower says then. */
  said(worker: string, given: Given): string;
}

const to = (worker: string) => ({ destination: [worker] });
const queueOf = ({ queue }: Given) => text(queue) ?? "";

const ORDERS: Readonly<Record<string, Order>> = {
  "shutdown": {
    run: ({ app }, worker) => app.control.shutdown(to(worker)),
    said: () => "Shutting down!",
  },
  "pool/restart": {
    run: ({ app }, worker) => app.control.poolRestart(to(worker)),
    said: (worker) => `Restarting '${worker}' worker's pool`,
  },
  "pool/grow": {
    run: ({ app }, worker, { n }) => app.control.poolGrow(count(n), to(worker)),
    said: (worker, { n }) => `Growing '${worker}' worker's pool by ${count(n)}`,
  },
  "pool/shrink": {
    run: ({ app }, worker, { n }) =>
      app.control.poolShrink(count(n), to(worker)),
    said: (worker, { n }) =>
      `Shrinking '${worker}' worker's pool by ${count(n)}`,
  },
  "pool/autoscale": {
    run: ({ app }, worker, { min, max }) =>
      app.control.autoscale(
        { max: count(max), min: count(min) },
        to(worker),
      ),
    said: (worker, { min, max }) =>
      `Autoscaling '${worker}' worker (min=${count(min)}, max=${count(max)})`,
  },
  "queue/add-consumer": {
    run: ({ app }, worker, all) =>
      app.control.addConsumer(queueOf(all), to(worker)),
    said: (_, all) => `add consumer ${queueOf(all)}`,
  },
  "queue/cancel-consumer": {
    run: ({ app }, worker, all) =>
      app.control.cancelConsumer(queueOf(all), to(worker)),
    said: (_, all) => `no longer consuming from ${queueOf(all)}`,
  },
};

/** The routes. */
export function workerRoutes(context: DashboardContext): Hono<DashboardEnv> {
  const router = new Hono<DashboardEnv>();
  router.get("/api/workers", async (c) => {
    const name = c.req.query("workername");
    const all = (await context.data.workers()).filter((worker) =>
      name === undefined || worker.name === name
    );
    if (name !== undefined && all.length === 0) return unknown(c, name);
    if (isOn(c.req.query("status"))) {
      return c.json(
        Object.fromEntries(all.map((worker) => [worker.name, worker.online])),
      );
    }
    return c.json(await workersOf(context, all.map((worker) => worker.name)));
  });
  for (const [path, order] of Object.entries(ORDERS)) {
    router.post(`/api/worker/${path}/:worker`, async (c) => {
      const { worker } = c.req.param();
      if (!await isKnown(context, worker)) return unknown(c, worker);
      const all = await given(c);
      const { replies, errors } = await order.run(context, worker, all);
      context.data.refresh();
      return worker in replies
        ? c.json({ message: order.said(worker, all) })
        : c.json({ message: errors[worker] ?? "It did not answer" }, 403);
    });
  }
  return router;
}

async function isKnown(
  { data }: DashboardContext,
  worker: string,
): Promise<boolean> {
  return (await data.workers()).some(({ name }) => name === worker);
}

function unknown(c: Context, worker: string): Response {
  return c.json({ message: `Unknown worker '${worker}'` }, 404);
}

/** What workers say, each question asked of all at once. */
async function workersOf(
  { app, now }: DashboardContext,
  names: readonly string[],
): Promise<Given> {
  if (names.length === 0) return {};
  const ask = app.control.inspect({ destination: names, timeout: "1s" });
  const [
    stats,
    queues,
    conf,
    registered,
    active,
    reserved,
    scheduled,
    revoked,
  ] = await Promise.all([
    ask.stats(),
    ask.activeQueues(),
    ask.conf(),
    ask.registered(),
    ask.active(),
    ask.reserved(),
    ask.scheduled(),
    ask.revoked(),
  ]);
  const answered = names.filter((name) => name in stats.replies);
  return Object.fromEntries(answered.map((name) => [name, {
    stats: stats.replies[name],
    active_queues: queues.replies[name] ?? [],
    conf: conf.replies[name] ?? {},
    registered: registered.replies[name] ?? [],
    active: active.replies[name] ?? [],
    reserved: reserved.replies[name] ?? [],
    scheduled: scheduled.replies[name] ?? [],
    revoked: revoked.replies[name] ?? [],
    timestamp: seconds(now()),
  }]));
}
