/**
 * What can be done with workers.
 *
 * @module
 */

import { z } from "zod";
import { type Action, action } from "./action.ts";
import * as field from "./fields.ts";
import { heard } from "./replies.ts";

const one = z.object({ worker: field.name });
const resize = one.extend({ n: field.slots });
const serve = one.extend({ queue: field.name });

/** The actions on workers, by their node names. */
export const WORKER_ACTIONS: Readonly<Record<string, Action>> = {
  "workers.grow": action({
    summary: "Adds slots to the pool of a worker",
    input: resize,
    run: async ({ app }, { worker, n }) =>
      heard(await app.control.poolGrow(n, { destination: [worker] })),
  }),
  "workers.shrink": action({
    summary: "Takes slots from the pool of a worker",
    input: resize,
    run: async ({ app }, { worker, n }) =>
      heard(await app.control.poolShrink(n, { destination: [worker] })),
  }),
  "workers.restartPool": action({
    summary: "Has a worker replace its host processes, each after what it runs",
    input: one,
    run: async ({ app }, { worker }) =>
      heard(await app.control.poolRestart({ destination: [worker] })),
  }),
  "workers.addConsumer": action({
    summary: "Has a worker serve one more queue",
    input: serve,
    run: async ({ app }, { worker, queue }) =>
      heard(await app.control.addConsumer(queue, { destination: [worker] })),
  }),
  "workers.cancelConsumer": action({
    summary: "Has a worker serve a queue no more",
    input: serve,
    run: async ({ app }, { worker, queue }) =>
      heard(await app.control.cancelConsumer(queue, { destination: [worker] })),
  }),
  "workers.shutdown": action({
    summary: "Stops a worker: what runs comes to its end",
    input: one,
    run: async ({ app }, { worker }) =>
      heard(await app.control.shutdown({ destination: [worker] })),
  }),
};
