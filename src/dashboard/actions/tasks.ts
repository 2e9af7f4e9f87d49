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
import { retryTasks } from "./retry.ts";
import { heard } from "./replies.ts";

const some = z.object({
  id: field.ids.describe("The id of a task, or several"),
});

/** The actions on tasks. */
export const TASK_ACTIONS: Readonly<Record<string, Action>> = {
  "tasks.retry": action({
    summary:
      "Sends a task that has ended once more: what has failed or was revoked under its id, what has succeeded as a copy",
    input: some.extend({
      again: field.flag.describe("Also what has not failed"),
    }),
    run: ({ internals }, { id, again }) => retryTasks(internals, id, again),
  }),
  "tasks.revoke": action({
    summary:
      "Revokes a task: what waits is taken out, what runs is asked to stop",
    input: some,
    run: async ({ app }, { id }) => met(id, await app.control.revoke(id)),
  }),
  "tasks.terminate": action({
    summary: "Revokes a task, and ends it by force where it runs",
    input: some,
    run: async ({ app }, { id }) => met(id, await app.control.terminate(id)),
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

const MET: Readonly<Record<CancelOutcome, string>> = {
  removed: "taken out of its queue",
  running: "told to stop",
  unknown: "neither waits nor runs: it has ended, or is not known",
};

function met(
  ids: readonly string[],
  outcomes: readonly CancelOutcome[],
): ActionResult {
  const [first = "unknown"] = outcomes;
  const details = {
    outcomes: Object.fromEntries(ids.map((id, at) => [id, outcomes[at]])),
  };
  if (ids.length === 1) {
    const ok = first !== "unknown";
    return {
      ok,
      text: `Task ${ids[0]} ${ok ? "is " : ""}${MET[first]}`,
      details,
    };
  }
  const count = (outcome: CancelOutcome) =>
    outcomes.filter((each) => each === outcome).length;
  return {
    ok: count("unknown") < ids.length,
    text: `Of ${ids.length} tasks, ${count("removed")} were taken out, ${
      count("running")
    } are told to stop, ${count("unknown")} had ended or are not known`,
    details,
  };
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
