/**
 * Flower's API of workers and queues.
 *
 * @module
 */

import { HTTPException } from "hono/http-exception";
import type { z } from "zod";
import type { Done } from "../../../control/facts.ts";
import type { Replies } from "../../../control/replies.ts";
import type { DashboardContext } from "../../context.ts";
import { type Operation, operation, type Operations } from "../operation.ts";
import {
  flowerMessage,
  flowerQueues,
  type FlowerWorker,
  flowerWorkers,
} from "./answers.ts";
import * as field from "./fields.ts";
import { seconds } from "./shapes.ts";
import { flowerRequest, flowerStats } from "./worker_shapes.ts";

/** Workers that do not answer in this time are left out. */
const PATIENCE = "1s";

/** What can be asked about workers and queues. */
export const WORKER_QUESTIONS: Operations = {
  "/api/workers": operation({
    summary: "Flower: workers by name, and what they say about themselves",
    method: "get",
    input: field.parameters({
      refresh: field.flag.describe("They are always asked anew"),
      status: field.flag.describe("Whether they are there, and nothing else"),
      workername: field.name.optional(),
    }),
    answer: flowerWorkers,
    refusals: { 404: "No worker of this name is known" },
    run: async (context, { status, workername }) => {
      const all = (await context.data.workers()).filter(({ name }) =>
        workername === undefined || name === workername
      );
      if (workername !== undefined && all.length === 0) {
        throw unknown(workername);
      }
      const online = new Set(
        all.filter(({ online }) => online).map(({ name }) => name),
      );
      if (status) {
        return Object.fromEntries(
          all.map(({ name }) => [name, online.has(name)]),
        );
      }
      return await workersOf(context, [...online]);
    },
  }),
  "/api/queues/length": operation({
    summary: "Flower: how many tasks wait in each queue",
    method: "get",
    input: field.none,
    answer: flowerQueues,
    run: async ({ data }) => ({
      active_queues: (await data.queues()).map(({ name, queued }) => ({
        name,
        messages: queued,
      })),
    }),
  }),
};

interface Order<Given> {
  readonly summary: string;
  readonly input: z.ZodType<Given>;
  /** Tells it to a worker. */
  tell(
    context: DashboardContext,
    worker: string,
    given: Given,
  ): Promise<Replies<Done>>;
  /** What Flower says then. */
  said(worker: string, given: Given): string;
}

function order<Given>(
  { summary, input, tell, said }: Order<Given>,
): Operation {
  return operation({
    summary: `Flower: ${summary}`,
    method: "post",
    input,
    answer: flowerMessage,
    refusals: {
      403: "The worker refuses it",
      404: "No worker of this name is known",
    },
    run: async (context, given, worker) => {
      const known = await context.data.workers();
      if (!known.some(({ name }) => name === worker)) throw unknown(worker);
      const { replies, errors } = await tell(context, worker, given);
      context.data.refresh();
      if (worker in replies) return { message: said(worker, given) };
      const why = errors[worker] ?? `Worker ${worker} did not answer`;
      throw new HTTPException(403, { message: why });
    },
  });
}

const to = (worker: string) => ({ destination: [worker] });
const resize = field.parameters({ n: field.slots.default(1) });
const serve = field.parameters({ queue: field.name });

/** What can be done with workers. */
export const WORKER_ORDERS: Operations = {
  "/api/worker/shutdown/{worker}": order({
    summary: "stops a worker; what runs comes to its end",
    input: field.none,
    tell: ({ app }, worker) => app.control.shutdown(to(worker)),
    said: () => "Shutting down!",
  }),
  "/api/worker/pool/restart/{worker}": order({
    summary: "replaces a worker's host processes",
    input: field.none,
    tell: ({ app }, worker) => app.control.poolRestart(to(worker)),
    said: (worker) => `Restarting '${worker}' worker's pool`,
  }),
  "/api/worker/pool/grow/{worker}": order({
    summary: "adds slots to a worker's pool",
    input: resize,
    tell: ({ app }, worker, { n }) => app.control.poolGrow(n, to(worker)),
    said: (worker, { n }) => `Growing '${worker}' worker's pool by ${n}`,
  }),
  "/api/worker/pool/shrink/{worker}": order({
    summary: "takes slots from a worker's pool",
    input: resize,
    tell: ({ app }, worker, { n }) => app.control.poolShrink(n, to(worker)),
    said: (worker, { n }) => `Shrinking '${worker}' worker's pool by ${n}`,
  }),
  "/api/worker/pool/autoscale/{worker}": order({
    summary: "has a worker's pool follow the work",
    input: field.parameters({ min: field.slots, max: field.slots }),
    tell: ({ app }, worker, range) => app.control.autoscale(range, to(worker)),
    said: (worker, { min, max }) =>
      `Autoscaling '${worker}' worker (min=${min}, max=${max})`,
  }),
  "/api/worker/queue/add-consumer/{worker}": order({
    summary: "has a worker serve one more queue",
    input: serve,
    tell: ({ app }, worker, { queue }) =>
      app.control.addConsumer(queue, to(worker)),
    said: (_, { queue }) => `add consumer ${queue}`,
  }),
  "/api/worker/queue/cancel-consumer/{worker}": order({
    summary: "has a worker serve a queue no more",
    input: serve,
    tell: ({ app }, worker, { queue }) =>
      app.control.cancelConsumer(queue, to(worker)),
    said: (_, { queue }) => `no longer consuming from ${queue}`,
  }),
};

function unknown(worker: string): HTTPException {
  return new HTTPException(404, { message: `Unknown worker '${worker}'` });
}

/** What workers say, each question asked of all at once. */
async function workersOf(
  { app, now }: DashboardContext,
  names: readonly string[],
): Promise<Record<string, FlowerWorker>> {
  if (names.length === 0) return {};
  const ask = app.control.inspect({ destination: names, timeout: PATIENCE });
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
  const workers: Record<string, FlowerWorker> = {};
  for (const [name, figures] of Object.entries(stats.replies)) {
    workers[name] = {
      stats: flowerStats(figures),
      active_queues: (queues.replies[name] ?? [])
        .map(({ name }) => ({ name, routing_key: name })),
      conf: { ...conf.replies[name] },
      registered: [...registered.replies[name] ?? []],
      active: (active.replies[name] ?? []).map(flowerRequest),
      reserved: (reserved.replies[name] ?? []).map(flowerRequest),
      scheduled: (scheduled.replies[name] ?? []).map((info) => ({
        eta: null,
        priority: info.deliveryInfo.priority,
        request: flowerRequest(info),
      })),
      revoked: [...revoked.replies[name] ?? []],
      timestamp: seconds(now()),
    };
  }
  return workers;
}
