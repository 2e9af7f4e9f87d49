/**
 * Flower's API of tasks: what can be done.
 *
 * @module
 */

import { HTTPException } from "hono/http-exception";
import { z } from "zod";
import type { Done } from "../../../control/facts.ts";
import type { Replies } from "../../../control/replies.ts";
import type { Rate } from "../../../options.ts";
import type { CallOptions } from "../../../producer/call_options.ts";
import type { DashboardContext } from "../../context.ts";
import { operation, type Operations } from "../operation.ts";
import { text } from "../query.ts";
import { flowerMessage, flowerResult, flowerSent } from "./answers.ts";
import * as field from "./fields.ts";
import { LONGEST, resultOf } from "./result.ts";
import { isForced } from "./signals.ts";

const MOST_ARGUMENTS = 10_000;

/** A number of seconds, or a time. */
const secondsOrTime = z.union([z.number(), z.string().min(1).max(100)]);

/** What is sent; the names are Celery's. */
const sent = z.strictObject({
  args: z.array(z.unknown()).max(MOST_ARGUMENTS).default([]),
  kwargs: z.record(z.string(), z.unknown()).optional(),
  queue: field.name.nullish(),
  routing_key: field.name.nullish().describe("The same as queue"),
  priority: z.int().min(0).max(9).nullish(),
  countdown: field.seconds.nullish(),
  eta: text(100).nullish(),
  expires: secondsOrTime.nullish(),
  task_id: text(255).nullish(),
  headers: z.record(z.string(), z.unknown()).nullish(),
  time_limit: field.seconds.nullish(),
  soft_time_limit: field.seconds.nullish(),
  ignore_result: z.boolean().nullish(),
  retry: z.boolean().nullish(),
  shadow: text(255).nullish(),
});

type Sent = z.output<typeof sent>;

const WAY_OUT = "/api/task/send-task sends it all the same";
const UNKNOWN = { 404: `No task of this name is known: ${WAY_OUT}` };

/** What can be done with tasks. */
export const TASK_ORDERS: Operations = {
  "/api/task/apply/{name}": operation({
    summary:
      `Flower: sends a task and waits for its result, ${LONGEST} s at most`,
    method: "post",
    input: sent,
    inBody: true,
    answer: flowerResult,
    refusals: UNKNOWN,
    run: async (context, given, name) => {
      const id = await sendKnown(context, name, given);
      return await resultOf(context, id, LONGEST);
    },
  }),
  "/api/task/async-apply/{name}": operation({
    summary: "Flower: sends a task",
    method: "post",
    input: sent,
    inBody: true,
    answer: flowerSent,
    refusals: UNKNOWN,
    run: async (context, given, name) =>
      pending(await sendKnown(context, name, given)),
  }),
  "/api/task/send-task/{name}": operation({
    summary: "Flower: sends a task of a name that need not be known",
    method: "post",
    input: sent,
    inBody: true,
    answer: flowerSent,
    run: async (context, given, name) =>
      pending(await send(context, name, given)),
  }),
  "/api/task/revoke/{id}": operation({
    summary: "Flower: revokes a task",
    method: "post",
    input: field.parameters({
      terminate: field.flag.describe("Whether a task that runs is ended"),
      signal: text(20).default("SIGTERM").describe(
        "With terminate: SIGTERM, SIGQUIT and SIGKILL end a task by force, SIGINT and SIGUSR1 ask it to stop",
      ),
    }),
    answer: flowerMessage,
    refusals: { 409: "The pool that runs it cannot kill a task" },
    run: async (context, { terminate, signal }, id) => {
      const force = await isForced(context, id, signal);
      await context.app.control.revoke(id, { terminate: terminate && force });
      context.data.refresh();
      return { message: `Revoked '${id}'` };
    },
  }),
  "/api/task/abort/{id}": operation({
    summary: "Flower: asks a task to stop",
    method: "post",
    input: field.none,
    answer: flowerMessage,
    run: async ({ app, data }, _, id) => {
      await app.control.revoke(id);
      data.refresh();
      return { message: `Aborted '${id}'` };
    },
  }),
  "/api/task/rate-limit/{name}": operation({
    summary: "Flower: sets how often workers start a task",
    method: "post",
    input: field.parameters({
      ratelimit: z.union([z.number().min(0), text(50)])
        .describe('Such as 10, "100/m"; 0 lifts it'),
      workername: field.name.optional().describe("Defaults to all"),
    }),
    answer: flowerMessage,
    refusals: { 403: "The worker refuses it" },
    run: async ({ app }, { ratelimit, workername }, task) => {
      const rate = rateOf(ratelimit);
      return told(await app.control.rateLimit(task, rate, to(workername)));
    },
  }),
  "/api/task/timeout/{name}": operation({
    summary: "Flower: sets the time limits of a task",
    method: "post",
    input: field.parameters({
      soft: field.seconds.optional(),
      hard: field.seconds.optional(),
      workername: field.name.optional().describe("Defaults to all"),
    }),
    answer: flowerMessage,
    refusals: { 403: "The worker refuses it" },
    run: async ({ app }, { soft, hard, workername }, task) =>
      told(
        await app.control.timeLimit(task, {
          ...(soft === undefined ? {} : { soft }),
          ...(hard === undefined ? {} : { hard }),
        }, to(workername)),
      ),
  }),
};

async function sendKnown(
  context: DashboardContext,
  task: string,
  given: Sent,
): Promise<string> {
  const { data, internals } = context;
  const isKnown = internals.tasks.has(task) ||
    (await data.taskNames()).includes(task);
  if (isKnown) return await send(context, task, given);
  const message = `Unknown task ${JSON.stringify(task)}: ${WAY_OUT}`;
  throw new HTTPException(404, { message });
}

async function send(
  { app }: DashboardContext,
  task: string,
  { args, ...given }: Sent,
): Promise<string> {
  return (await app.sendTask(task, args, optionsOf(given))).id;
}

function pending(id: string): { "task-id": string; state: string } {
  return { "task-id": id, state: "PENDING" };
}

/** Celery's names are ours, in camelCase. */
function optionsOf(
  { routing_key, ...given }: Omit<Sent, "args">,
): CallOptions {
  const options: Record<string, unknown> = { queue: routing_key };
  for (const [name, value] of Object.entries(given)) {
    const ours = name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
    if (value !== null) options[ours] = value;
  }
  options["queue"] ??= undefined;
  // What will not do is refused where it is sent.
  return options as CallOptions;
}

function rateOf(given: number | string): Rate | null {
  const rate = typeof given === "string" && /^\d+(\.\d+)?$/.test(given)
    ? Number(given)
    : given as Rate;
  return rate === 0 ? null : rate;
}

function to(worker: string | undefined): { destination?: readonly string[] } {
  return worker === undefined ? {} : { destination: [worker] };
}

function told({ replies, errors, missing }: Replies<Done>) {
  const refused = Object.entries(errors).map(([name, why]) =>
    `${name}: ${why}`
  );
  const silent = missing.map((name) => `${name} did not answer`);
  const done = Object.values(replies);
  if (done[0] === undefined || refused.length > 0) {
    const all = [...refused, ...silent].join(". ");
    throw new HTTPException(403, { message: all || "No worker answered" });
  }
  return { message: done[0].ok };
}
