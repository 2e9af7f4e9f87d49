/**
 * What a worker does when it is told to.
 *
 * @module
 */

import { ConfigError } from "../../errors.ts";
import { checkRange } from "../../control/autoscale.ts";
import type { Done } from "../../control/facts.ts";
import { nearest, rateText, show } from "../../options.ts";
import { count } from "../../words.ts";
import type { Handlers } from "./receiver.ts";
import type { Steered } from "./steered.ts";

type Args = Readonly<Record<string, unknown>>;

/** The orders that a worker carries out. */
export function steering(worker: Steered): Handlers {
  const handlers: Readonly<
    Record<string, (args: Args) => Done | Promise<Done>>
  > = {
    rateLimit: (args) => {
      const task = knownTask(worker, args["task"]);
      if (worker.settings.workerDisableRateLimits) {
        throw new ConfigError(
          "Its rate limits are switched off by workerDisableRateLimits: restart it without",
        );
      }
      const rateLimit = numberOrNull(args, "rate");
      worker.override(task, { rateLimit });
      return done(
        rateLimit === null
          ? `The rate limit of ${task} is lifted`
          : `${task} starts ${rateText(rateLimit)} at most`,
      );
    },
    timeLimit: (args) => {
      const task = knownTask(worker, args["task"]);
      worker.override(task, {
        ...("soft" in args
          ? { softTimeLimit: numberOrNull(args, "soft") }
          : {}),
        ...("hard" in args ? { timeLimit: numberOrNull(args, "hard") } : {}),
      });
      return done(`The time limits of ${task} are set`);
    },
    autoscale: async ({ max, min }) => {
      const range = checkRange({ max: Number(max), min: Number(min) });
      await worker.scale(range);
      return done(
        `It runs ${range.min} to ${range.max} tasks at a time now, as many as there are`,
      );
    },
    poolGrow: (args) => {
      refuseScaled(worker);
      return resized(worker, worker.concurrency + slotsIn(args));
    },
    poolShrink: (args) => {
      refuseScaled(worker);
      const left = worker.concurrency - slotsIn(args);
      if (left < 1) {
        throw new ConfigError(
          `The pool has ${worker.concurrency} slots and keeps at least one: to take no more tasks, cancel its queues or shut it down`,
        );
      }
      return resized(worker, left);
    },
    poolRestart: () => {
      worker.restartPool();
      return done(
        "It replaces its host processes, each after what it runs; code is loaded anew",
      );
    },
    addConsumer: async (args) => {
      const queue = text(args, "queue");
      if (worker.queues.includes(queue)) {
        return done(`It serves ${queue} already`);
      }
      await worker.serve([...worker.queues, queue]);
      return done(`It serves ${worker.queues.join(", ")} now`);
    },
    cancelConsumer: async (args) => {
      const queue = text(args, "queue");
      if (!worker.queues.includes(queue)) {
        return done(`It did not serve ${queue}`);
      }
      await worker.serve(worker.queues.filter((each) => each !== queue));
      return done(`It does not serve ${queue} any more`);
    },
    enableEvents: () => {
      worker.tellEvents(true);
      return done("It tells events, whether or not anybody watches");
    },
    disableEvents: () => {
      worker.tellEvents(false);
      return done("It tells events only while somebody watches");
    },
    heartbeat: async () => {
      await worker.beat();
      return done("It has told how it is doing");
    },
    shutdown: () => {
      worker.shutDown();
      return done("It stops: what runs comes to its end");
    },
  };
  return handlers;
}

function refuseScaled({ autoscale }: Steered): void {
  if (autoscale === null) return;
  const { min, max } = autoscale;
  throw new ConfigError(
    `Its pool follows the work (autoscale ${max},${min}): change that range by lovage control autoscale instead`,
  );
}

async function resized(worker: Steered, slots: number): Promise<Done> {
  await worker.resize(slots);
  return done(
    `It runs ${count(slots, "task")} at a time now`,
  );
}

function done(ok: string): Done {
  return { ok };
}

function knownTask(worker: Steered, given: unknown): string {
  const names = worker.tasks.map(({ name }) => name);
  if (typeof given === "string" && names.includes(given)) return given;
  const near = nearest(String(given), names);
  throw new ConfigError(
    `It does not know the task ${show(given)}.${
      near === undefined ? "" : ` Did you mean "${near}"?`
    }`,
  );
}

function text(args: Args, name: string): string {
  const value = args[name];
  if (typeof value === "string" && value !== "") return value;
  throw new ConfigError(`It needs a ${name}, but got ${show(value)}`);
}

function slotsIn({ n }: Args): number {
  if (Number.isInteger(n) && (n as number) >= 1) return n as number;
  throw new ConfigError(
    `It needs a number of slots of at least 1, but got ${show(n)}`,
  );
}

function numberOrNull(args: Args, name: string): number | null {
  const value = args[name];
  if (value === null || (typeof value === "number" && value > 0)) return value;
  throw new ConfigError(`It needs a ${name}, but got ${show(value)}`);
}
