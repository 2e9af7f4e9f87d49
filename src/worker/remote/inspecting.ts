/**
 * What a worker answers when it is asked.
 *
 * @module
 */

import { printableSettings } from "../../printable.ts";
import type { Settings } from "../../settings.ts";
import type {
  InspectAnswers,
  RequestInfo,
  Stage,
} from "../../control/facts.ts";
import { limitWords } from "../../control/limit_words.ts";
import type { AnyTask } from "../../task.ts";
import type { Held, Holding } from "../in_flight.ts";
import type { Handlers } from "./receiver.ts";
import type { Steered } from "./steered.ts";

const STAGES: Readonly<Record<Holding["stage"], Stage>> = {
  running: "active",
  reserved: "reserved",
  limited: "scheduled",
};

/** The questions that a worker answers. */
export function inspecting(worker: Steered): Handlers {
  const at = (stage: Stage) =>
    worker.holdings.filter((one) => STAGES[one.stage] === stage)
      .map((one) => infoOf(one, worker.hostname));
  const answers: {
    readonly [M in keyof InspectAnswers]: (
      args: Readonly<Record<string, unknown>>,
    ) => InspectAnswers[M] | Promise<InspectAnswers[M]>;
  } = {
    ping: () => ({ ok: "pong" }),
    active: () => at("active"),
    reserved: () => at("reserved"),
    scheduled: () => at("scheduled"),
    registered: () =>
      worker.tasks.map((task) => described(task, worker.settings)),
    stats: () => worker.stats,
    taskFigures: () => worker.figures,
    activeQueues: () => worker.queues.map((name) => ({ name })),
    revoked: () =>
      worker.holdings.filter(({ held }) => held.revoked === true)
        .map(({ held }) => held.delivery.id),
    queryTask: ({ ids }) => {
      const wanted = new Set(Array.isArray(ids) ? ids.map(String) : []);
      return Object.fromEntries(
        worker.holdings.filter(({ held }) => wanted.has(held.delivery.id))
          .map((one) => [
            one.held.delivery.id,
            [STAGES[one.stage], infoOf(one, worker.hostname)] as const,
          ]),
      );
    },
    conf: () => printable(worker),
    report: () => ({ ok: reportOf(worker) }),
    memsample: () => worker.memory.take(),
    memdump: ({ samples }) =>
      worker.memory.dump(
        Number.isInteger(samples) ? Math.max(samples as number, 1) : 10,
      ),
    clock: () => ({ clock: worker.now }),
  };
  return answers;
}

// An answer goes over the bus, be it of hundreds of tasks.
const MOST_PAYLOAD = 10_000;

function payloadOf(
  { envelope: { args, kwargs = {} }, delivery: { body } }: Held,
): Pick<RequestInfo, "args" | "kwargs"> {
  return body.length <= MOST_PAYLOAD
    ? { args, kwargs }
    : { args: [`… (a message of ${body.length} characters)`], kwargs: {} };
}

function infoOf({ held, run }: Holding, hostname: string): RequestInfo {
  const { delivery, envelope } = held;
  return {
    id: delivery.id,
    name: envelope.task,
    ...payloadOf(held),
    hostname,
    receivedAt: held.receivedAt,
    startedAt: run?.startedAt ?? null,
    workerPid: run?.pid ?? null,
    acknowledged: held.acknowledged,
    retries: envelope.retries,
    deliveryInfo: {
      queue: delivery.queue,
      priority: delivery.priority,
      redelivered: delivery.losses > 0,
    },
  };
}

/** The name of a task, and what is said about it: `a.b [rateLimit=10/m]`. */
function described(task: AnyTask, settings: Settings): string {
  const { name, options } = task;
  const limits = limitWords(task.policy(settings).limits);
  const said = [
    ...(["rateLimit", "timeLimit", "softTimeLimit", "queue"] as const)
      .flatMap((key) => {
        const given = options[key];
        return given === undefined || given === null ||
            typeof given === "object"
          ? []
          : [`${key}=${given}`];
      }),
    ...Object.entries(limits).map(([key, words]) => `${key}=${words}`),
  ];
  return said.length === 0 ? name : `${name} [${said.join(" ")}]`;
}

function printable({ settings }: Steered): Readonly<Record<string, unknown>> {
  return printableSettings(settings);
}

function reportOf(worker: Steered): string {
  const lines = Object.entries({
    worker: worker.hostname,
    ...worker.platform,
    pool:
      `${worker.stats.pool.implementation}, ${worker.stats.pool.maxConcurrency} at a time`,
    broker: worker.stats.broker.address,
    queues: worker.queues.join(", "),
    tasks: worker.tasks.length,
    ...printable(worker),
  });
  return lines.map(([name, value]) =>
    `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`
  ).join("\n");
}
