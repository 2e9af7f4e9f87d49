/**
 * What can be done with tasks.
 *
 * @module
 */

import { z } from "zod";
import type { CancelOutcome } from "../../contracts/broker.ts";
import type { Duration } from "../../message/time.ts";
import type { Rate } from "../../options.ts";
import { type Action, action, type ActionResult } from "./action.ts";
import * as field from "./fields.ts";
import { retryTask } from "./retry.ts";
import { heard } from "./replies.ts";

const one = z.object({ id: field.id });
const some = z.object({
  id: z.union([field.id, z.array(field.id).min(1).max(1_000)]),
});

/** The actions on tasks. */
export const TASK_ACTIONS: Readonly<Record<string, Action>> = {
  "tasks.retry": action({
    summary: "Sends tasks that have ended once more, under their ids",
    input: some,
    run: async ({ internals }, { id }) =>
      summed(
        await Promise.all(
          [id].flat().map((each) => retryTask(internals, each)),
        ),
        "sent once more",
      ),
  }),
  "tasks.revoke": action({
    summary:
      "Revokes tasks: what waits is taken out, what runs is asked to stop",
    input: some,
    run: async ({ app }, { id }) => {
      const ids = [id].flat();
      const outcomes = await app.control.revoke(ids);
      return summed(
        ids.map((each, at) => met(each, outcomes[at], false)),
        "revoked",
      );
    },
  }),
  "tasks.terminate": action({
    summary: "Revokes a task, and ends it by force where it runs",
    input: one,
    run: async ({ app }, { id }) =>
      met(id, (await app.control.terminate(id))[0], true),
  }),
  "tasks.send": action({
    summary: "Sends a task by its name",
    input: z.object({
      task: field.name,
      args: field.jsonArray,
      kwargs: field.jsonObject,
      queue: field.optionalText,
      priority: field.optionalInteger,
      countdown: field.optionalText,
    }),
    run: async ({ app }, { task, args = [], ...rest }) => {
      const { kwargs, queue, priority, countdown } = rest;
      const { id } = await app.sendTask(task, args, {
        ...(kwargs === undefined ? {} : { kwargs }),
        ...(queue === undefined ? {} : { queue }),
        ...(priority === undefined ? {} : { priority }),
        ...(countdown === undefined
          ? {}
          : { countdown: durationOf(countdown) }),
      });
      return { ok: true, text: `Sent ${task} as ${id}`, details: { id } };
    },
  }),
  "tasks.rateLimit": action({
    summary: "Sets how often running workers start a task; 0 lifts it",
    input: z.object({
      task: field.name,
      rate: z.union([z.string().min(1), z.number()]),
      worker: field.optionalText,
    }),
    run: async ({ app }, { task, rate, worker }) =>
      heard(
        await app.control.rateLimit(task, rateOf(rate), {
          destination: worker === undefined ? undefined : [worker],
        }),
      ),
  }),
  "tasks.timeLimit": action({
    summary: "Sets the time limits of a task in running workers",
    input: z.object({
      task: field.name,
      soft: field.optionalText,
      hard: field.optionalText,
      worker: field.optionalText,
    }),
    run: async ({ app }, { task, soft, hard, worker }) =>
      heard(
        await app.control.timeLimit(task, {
          ...(soft === undefined ? {} : { soft: durationOf(soft) }),
          ...(hard === undefined ? {} : { hard: durationOf(hard) }),
        }, { destination: worker === undefined ? undefined : [worker] }),
      ),
  }),
};

const MET: Readonly<Record<CancelOutcome, readonly [boolean, string]>> = {
  removed: [true, "was taken out of its queue"],
  running: [true, "is told to stop"],
  unknown: [false, "neither waits nor runs: it has ended, or is not known"],
};

function met(
  id: string,
  given: CancelOutcome | undefined,
  terminate: boolean,
): ActionResult {
  const outcome = given ?? "unknown";
  const [ok, text] = MET[outcome];
  const how = terminate && outcome === "running" ? "is ended by force" : text;
  return { ok, text: `Task ${id} ${how}`, details: { outcome } };
}

/** Seconds, or a number with its unit; control says what is wrong with it. */
function durationOf(text: string): Duration {
  return (/^\d+(\.\d+)?$/.test(text) ? Number(text) : text) as Duration;
}

function rateOf(given: string | number): Rate | null {
  const rate = typeof given === "string" && /^\d+(\.\d+)?$/.test(given)
    ? Number(given)
    : given;
  return rate === 0 ? null : rate as Rate;
}

/** What came of the same for several tasks; of one, what was said of it. */
function summed(all: readonly ActionResult[], done: string): ActionResult {
  const [first] = all;
  if (first !== undefined && all.length === 1) return first;
  const failed = all.filter(({ ok }) => !ok);
  const count = all.length - failed.length;
  const sentences = [
    `${count} of ${all.length} tasks ${done}`,
    ...failed.slice(0, 1).map(({ text }) => text),
  ];
  return {
    ok: failed.length === 0,
    text: sentences.join(". "),
    details: { done: count, failed: failed.length },
  };
}
