/**
 * What a worker says when it starts.
 *
 * @module
 */

import { maskUrl } from "../printable.ts";
import type { AutoscaleRange } from "../control/autoscale.ts";
import type { WorkerPlan } from "../worker/plan.ts";
import type { CliApp } from "./app.ts";
import { entriesText } from "./beat_text.ts";
import { count, span } from "../words.ts";
import { type ListedTask, listTasks } from "./list.ts";
import { facts } from "./table.ts";
import { VERSION } from "./version.ts";

/** What a worker is about to do. */
export interface Banner {
  /** What has happened. */
  readonly event: "starting";
  /** The version of this package. */
  readonly version: string;
  /** The node name. */
  readonly worker: string;
  /** The id of the process. */
  readonly pid: number;
  /** The app's name. */
  readonly app: string;
  /** Where the app came from. */
  readonly module: string | null;
  /** Where tasks wait. */
  readonly broker: string;
  /** Where results are kept. */
  readonly resultBackend: string;
  /** Where tasks run. */
  readonly pool: string;
  /** How many at a time; with autoscale, at most. */
  readonly concurrency: number;
  /** Between how many and how many; `null` where fixed. */
  readonly autoscale: AutoscaleRange | null;
  /** The queues that it serves. */
  readonly queues: readonly string[];
  /** The schedule entries of the app's code; `null` without a beat. */
  readonly entries: readonly string[] | null;
  /** Where it tells how it is doing; `null` where it does not. */
  readonly health: string | null;
  /** Where log lines go, and from which level. */
  readonly log: string;
  /** The tasks that it knows. */
  readonly tasks: readonly string[];
  /** What an operator should know. */
  readonly warnings: readonly string[];
}

/** The banner of a worker. */
export function bannerOf(
  { internals, module }: CliApp,
  plan: WorkerPlan,
  { pid, log, entries, health }: {
    readonly pid: number;
    readonly log: string;
    readonly health: string | null;
    readonly entries: readonly string[] | null;
  },
): Banner {
  const { store, brokerUrl, resultBackend } = internals.settings();
  const tasks = listTasks(internals);
  return {
    event: "starting",
    version: VERSION,
    worker: plan.hostname,
    pid,
    app: internals.name,
    module,
    broker: store?.address ?? maskUrl(brokerUrl),
    resultBackend: store?.address ?? maskUrl(resultBackend),
    pool: plan.pool,
    concurrency: plan.concurrency,
    autoscale: plan.autoscale,
    queues: plan.queues,
    entries,
    health,
    log,
    tasks: tasks.map(({ task }) => task),
    warnings: [
      ...warningsOf(tasks, plan, internals.name),
      ...idleLimits(plan),
    ],
  };
}

function warningsOf(
  tasks: readonly ListedTask[],
  plan: WorkerPlan,
  app: string,
): string[] {
  if (tasks.length === 0) {
    return [
      `App "${app}" has no tasks: its module must define them, or import the modules that do`,
    ];
  }
  const elsewhere = new Map<string, string[]>();
  for (const { task, queue } of tasks) {
    if (plan.queues.includes(queue)) continue;
    elsewhere.set(queue, [...elsewhere.get(queue) ?? [], task]);
  }
  return [...elsewhere].map(([queue, names]) =>
    `Queue "${queue}" is not served here, but ${names.join(", ")} ${
      names.length === 1 ? "goes" : "go"
    } there: another worker must serve it, or this one with --queues`
  );
}

/** What is asked of host processes where there are none. */
function idleLimits(plan: WorkerPlan): string[] {
  if (plan.pool !== "async") return [];
  const idle = [
    ...(plan.maxTasksPerChild === null ? [] : ["--max-tasks-per-child"]),
    ...(plan.maxMemoryPerChild === null ? [] : ["--max-memory-per-child"]),
  ];
  if (idle.length === 0) return [];
  return [
    `The async pool has no host processes to replace: ${idle.join(" and ")} ${
      idle.length === 1 ? "has" : "have"
    } no effect`,
  ];
}

/** The banner for people. */
export function bannerText(banner: Banner, plan: WorkerPlan): string {
  const { broker, resultBackend } = banner;
  const { autoscale, concurrency } = plan;
  const slots = autoscale === null
    ? `${concurrency}`
    : `${autoscale.min} to ${concurrency} (autoscale)`;
  const where = plan.pool === "async"
    ? "on one event loop"
    : `in ${autoscale === null ? "" : "up to "}${
      count(
        Math.ceil(concurrency / plan.slotsPerHost),
        "host process",
        "host processes",
      )
    }`;
  const lines = facts([
    ["app", `${banner.app} (${banner.module})`],
    ["broker", broker],
    ["results", resultBackend === broker ? "in the broker" : resultBackend],
    ["pool", `${plan.pool}, ${slots} at a time ${where}`],
    ["queues", banner.queues.join(", ")],
    [
      "beat",
      banner.entries === null ? undefined : entriesText(banner.entries),
    ],
    [
      "stop",
      plan.shutdownTimeout === null
        ? undefined
        : `gives back what still runs after ${span(plan.shutdownTimeout)}`,
    ],
    [
      "purge",
      plan.purge ? "what waits in these queues is dropped now" : undefined,
    ],
    ["health", banner.health ?? undefined],
    ["log", banner.log],
    ["pid", String(banner.pid)],
    ["tasks", banner.tasks.join("\n") || "none"],
  ]);
  return [
    `Lovage ${banner.version} worker ${banner.worker}`,
    lines,
    ...banner.warnings.map((each) => `Warning: ${each}`),
  ].join("\n");
}
