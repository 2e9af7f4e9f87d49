/**
 * `lovage status`: workers, queues and dead letters, as the store knows them.
 *
 * @module
 */

import type { Command } from "commander";
import { type AutoscaleRange, readRange } from "../control/autoscale.ts";
import { isWorker } from "../control/explain/workers.ts";
import type { DeadLetters } from "../contracts/dead_letters.ts";
import type { ConsumerStats, QueueStats } from "../contracts/inspector.ts";
import { outcomeSums } from "../control/outcome_sums.ts";
import { namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { ExitCode } from "./exit_code.ts";
import { age, count, span } from "../words.ts";
import { table } from "./table.ts";

interface StatusFlags {
  readonly failIfNone?: boolean;
}

/** A worker as the status shows it. */
interface WorkerStatus {
  readonly name: string;
  readonly id: string;
  readonly alive: boolean;
  readonly seenAt: string;
  readonly silentMs: number;
  readonly pid: number | null;
  readonly pool: string | null;
  readonly concurrency: number | null;
  readonly autoscale: AutoscaleRange | null;
  readonly queues: readonly string[];
  readonly held: number;
  readonly ended: Readonly<Record<string, number>>;
  readonly startedAt: string | null;
}

interface Status {
  readonly store: string;
  readonly workers: readonly WorkerStatus[];
  readonly queues: readonly QueueStats[];
  /** Counted up to {@linkcode MOST_DEAD}. */
  readonly deadLetters: number;
  readonly warnings: readonly string[];
}

const MOST_DEAD = 1000;

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  command
    .option("--fail-if-none", "exit with 1 when no worker is alive")
    .addHelpText(
      "after",
      "\nReads the store; no worker is asked. A worker that was silent for longer than\nits lease is shown as silent until another takes its tasks over.",
    )
    .action(async (flags: StatusFlags) => {
      cli.exitCode = await status(cli, flags);
    });
}

async function status(cli: Cli, flags: StatusFlags): Promise<number> {
  const { internals, app } = await namedAppOrStore(cli);
  const { broker, backend } = await openExisting({
    internals,
    app,
    module: null,
    specifier: null,
  });
  const now = internals.clock().now();
  const workers = (await broker.inspector.consumers()).filter(isWorker)
    .map((each) => workerStatus(each, now));
  const queues = await broker.inspector.queues();
  const found: Status = {
    store: broker.address,
    workers,
    queues,
    deadLetters: await countDead(broker.deadLetters),
    warnings: [
      ...new Set([...broker.warnings, ...backend.warnings]),
      ...warningsOf(workers, queues),
    ],
  };
  cli.out.show(found, () => text(found, now));
  const alive = workers.some((worker) => worker.alive);
  return flags.failIfNone === true && !alive ? ExitCode.Failure : ExitCode.Ok;
}

function workerStatus(consumer: ConsumerStats, now: number): WorkerStatus {
  const { details, seenAt, lease } = consumer;
  const { pid, pool, concurrency, autoscale, startedAt, queues, ended } =
    details;
  return {
    name: consumer.name,
    id: consumer.id,
    alive: now - seenAt <= lease,
    seenAt: new Date(seenAt).toISOString(),
    silentMs: Math.max(now - seenAt, 0),
    pid: typeof pid === "number" ? pid : null,
    pool: typeof pool === "string" ? pool : null,
    concurrency: typeof concurrency === "number" ? concurrency : null,
    autoscale: readRange(autoscale),
    queues: Array.isArray(queues) ? queues.map(String) : [],
    held: consumer.held,
    ended: typeof ended === "object" && ended !== null
      ? ended as Record<string, number>
      : {},
    startedAt: typeof startedAt === "number"
      ? new Date(startedAt).toISOString()
      : null,
  };
}

async function countDead(letters: DeadLetters): Promise<number> {
  let found = 0;
  let cursor: string | undefined;
  do {
    const page = await letters.list({ limit: 200, cursor });
    found += page.items.length;
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined && found < MOST_DEAD);
  return found;
}

/** What an operator should look at first. */
function warningsOf(
  workers: readonly WorkerStatus[],
  queues: readonly QueueStats[],
): string[] {
  const alive = workers.filter((worker) => worker.alive);
  const served = new Set(alive.flatMap((worker) => worker.queues));
  const silent = workers.filter((worker) => !worker.alive).map((worker) =>
    `Worker ${worker.name} has been silent for ${span(worker.silentMs)}` +
    (worker.held === 0 ? "" : `; it holds ${count(worker.held, "task")}, ` +
      (alive.length === 0
        ? "which the next worker to start takes over"
        : "which another worker is about to take over"))
  );
  const unserved = queues
    .filter(({ queue, queued }) => queued > 0 && !served.has(queue))
    .map(({ queue, queued }) =>
      `${
        count(queued, "task")
      } in queue "${queue}", which no live worker serves`
    );
  return [...silent, ...unserved];
}

function text(found: Status, now: number): string {
  const { workers, queues, deadLetters, warnings } = found;
  const parts = [
    `Store ${found.store} at ${new Date(now).toISOString()}`,
    workers.length === 0 ? "No worker is registered" : table(
      [
        "WORKER",
        "STATE",
        "SEEN",
        "UP",
        "PID",
        "POOL",
        "HELD",
        "SUCCEEDED",
        "FAILED",
        "QUEUES",
      ],
      workers.map((worker) => workerRow(worker, now)),
    ),
    queues.length === 0 ? "No task waits or runs" : table(
      ["QUEUE", "QUEUED", "SCHEDULED", "RUNNING", "STATE"],
      queues.map((each) => [
        each.queue,
        each.queued,
        each.scheduled,
        each.running,
        each.paused ? "paused" : "-",
      ]),
    ),
    deadLetters === 0
      ? "No dead letters"
      : `${
        deadLetters < MOST_DEAD
          ? count(deadLetters, "dead letter")
          : `${MOST_DEAD} dead letters or more`
      } (lovage dead list shows them)`,
    ...(warnings.length === 0
      ? []
      : [warnings.map((each) => `Warning: ${each}`).join("\n")]),
  ];
  return parts.join("\n\n");
}

function workerRow(
  worker: WorkerStatus,
  now: number,
): readonly (string | number)[] {
  const { ended, startedAt } = worker;
  const { succeeded, failed } = outcomeSums(ended);
  return [
    worker.name,
    worker.alive ? "alive" : "silent",
    age(now - worker.silentMs, now),
    startedAt === null ? "-" : span(now - Date.parse(startedAt)),
    worker.pid ?? "-",
    `${worker.pool ?? "?"} x${
      worker.autoscale === null ? "" : `${worker.autoscale.min}-`
    }${worker.concurrency ?? "?"}`,
    worker.held,
    succeeded,
    failed,
    worker.queues.join(","),
  ];
}
