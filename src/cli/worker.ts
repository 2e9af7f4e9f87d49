/**
 * `lovage worker`: runs tasks until it is told to stop.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Command } from "commander";
import { startBeat } from "../beat/start.ts";
import { ConfigError } from "../errors.ts";
import { parseLimit, type Settings } from "../settings.ts";
import type { Duration } from "../message/time.ts";
import { machineFacts, pid } from "../runtime/machine.ts";
import type { StopSignal } from "../runtime/signals.ts";
import { planWorker, type WorkerPlan } from "../worker/plan.ts";
import type { OnWait } from "../producer/reach_stores.ts";
import { startWorker } from "../worker/start.ts";
import type { WorkerOptions } from "../worker/worker_options.ts";
import { checkStores, type CliApp, namedApp } from "./app.ts";
import { entriesOfCode, totalsText } from "./beat_text.ts";
import type { Cli } from "./cli.ts";
import { type Daemon, runDaemon } from "./daemon.ts";
import { UsageError } from "./errors.ts";
import { count, span } from "../words.ts";
import { HealthPort } from "./health_port.ts";
import { namesakeWarning } from "./namesakes.ts";
import { RunningWorker } from "./running_worker.ts";
import type { ShutdownStage } from "./shutdown.ts";
import { bannerOf, bannerText } from "./worker_banner.ts";
import {
  addWorkerOptions,
  type WorkerFlags,
  workerOptionsOf,
} from "./worker_options.ts";

const log = getLogger(["lovage", "worker"]);

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  addWorkerOptions(command);
  command
    .addHelpText(
      "after",
      `
Signals:
  TERM, INT, HUP   warm stop: takes no more tasks, finishes those that run
  again, or QUIT   cold stop: gives back those that run; they run again elsewhere
  once more        ends at once; others take its tasks over when its lease is over`,
    )
    .action(async (flags: WorkerFlags) => {
      await run(cli, flags);
    });
}

async function run(cli: Cli, flags: WorkerFlags): Promise<void> {
  const named = await namedApp(cli);
  const settings = named.internals.settings();
  const options = workerOptionsOf(
    flags,
    named.module,
    settings.workerPool ?? "isolate",
  );
  const plan = checkedPlan(options, settings);
  await checkStores(
    named.internals,
    "no other process can send tasks to this worker",
  );
  const entries = flags.beat === true ? await entriesOfCode(named) : null;
  const health = await HealthPort.open(flags);
  const daemon: Daemon<RunningWorker> = {
    what: "worker",
    hostname: plan.hostname,
    hasCold: true,
    announce: (log) => {
      const banner = bannerOf(named, plan, {
        pid: pid(),
        log,
        entries,
        health: health?.url ?? null,
      });
      cli.out.tell({ ...banner }, () => bannerText(banner, plan));
    },
    start: async (signal) => {
      const onWait = (why: string | null) => health?.waits(why);
      const parts = { named, plan, options, entries, onWait };
      const running = await start(parts, signal);
      warn(cli, await namesakeWarning(named.internals, running.worker));
      return running;
    },
    ready: (running) => {
      health?.watch(running.worker);
      ready(cli, running);
    },
    signalled: (stage, signal, running) =>
      announce(cli, {
        ...{ stage, signal, plan },
        held: running?.worker.totals.held ?? 0,
      }),
    ended: (running) =>
      running === null ? neverStarted(cli, plan) : ended(cli, running),
  };
  try {
    await runDaemon(cli, named, flags, daemon);
  } finally {
    await health?.close();
  }
}

interface StartParts {
  readonly named: CliApp;
  readonly plan: WorkerPlan;
  readonly options: WorkerOptions;
  /** The entries of the app's code; `null` without a beat. */
  readonly entries: readonly string[] | null;
  /** Told while it waits for its store. */
  readonly onWait: OnWait;
}

async function start(
  { named, plan, options, entries, onWait }: StartParts,
  signal: AbortSignal,
): Promise<RunningWorker> {
  const worker = await startWorker(named.app, options, { signal, onWait });
  if (entries === null) return new RunningWorker(worker, null);
  try {
    const { hostname } = plan;
    const beat = await startBeat(named.app, { hostname }, signal, onWait);
    return new RunningWorker(worker, beat);
  } catch (error) {
    await worker.stop("cold");
    throw error;
  }
}

/**
 * The plan of a worker. The settings were checked before: what does not fit
 * are the flags.
 */
function checkedPlan(options: WorkerOptions, settings: Settings): WorkerPlan {
  checkLimits(options, settings);
  if (options.autoscale !== undefined && options.concurrency !== undefined) {
    throw new UsageError(
      "A pool has either a fixed size (--concurrency) or one that follows the work (--autoscale): give one of them",
    );
  }
  try {
    return planWorker(options, settings, machineFacts());
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message);
    throw error;
  }
}

function checkLimits(options: WorkerOptions, settings: Settings): void {
  const limit = (flag: Duration | null | undefined, setting: number | null) =>
    flag === undefined ? setting : parseLimit(flag, "it");
  const soft = limit(options.softTimeLimit, settings.taskSoftTimeLimit);
  const hard = limit(options.timeLimit, settings.taskTimeLimit);
  if (soft === null || hard === null || soft < hard) return;
  throw new UsageError(
    `--soft-time-limit (${span(soft)}) must be shorter than --time-limit (${
      span(hard)
    }), otherwise it never comes to bear`,
  );
}

function ready(cli: Cli, { worker }: RunningWorker): void {
  const { hostname, warnings } = worker;
  for (const warning of warnings) warn(cli, warning);
  cli.out.tell(
    { event: "ready", worker: hostname },
    () => `${hostname} is ready; stop it with Ctrl-C or TERM`,
  );
  log.debug("{worker} is ready", { worker: hostname });
}

function warn(cli: Cli, warning: string | null): void {
  if (warning === null) return;
  cli.out.tell({ event: "warning", warning }, () => `Warning: ${warning}`);
}

function announce(
  cli: Cli,
  { stage, signal, plan, held }: {
    readonly stage: ShutdownStage;
    readonly signal: StopSignal;
    readonly plan: WorkerPlan;
    readonly held: number;
  },
): void {
  const text = `${signal} received: ${sentence(stage, plan, held)}`;
  cli.out.tell({ event: "signal", signal, stop: stage, held }, () => text);
  log.debug(text);
}

function sentence(
  stage: ShutdownStage,
  { shutdownTimeout, lease }: WorkerPlan,
  held: number,
): string {
  switch (stage) {
    case "early":
      return "it has not started yet, and stops as soon as it can. Again ends it at once";
    case "warm":
      return held === 0
        ? "warm stop, nothing runs"
        : `warm stop. It holds ${count(held, "task")}: what runs is finished${
          shutdownTimeout === null ? "" : ` within ${span(shutdownTimeout)}`
        }, the rest goes back. Again gives back what runs as well`;
    case "cold":
      return held === 0
        ? "cold stop, nothing runs"
        : `cold stop. What it holds (${
          count(held, "task")
        }) goes back to the queues and runs again. Once more ends it at once`;
    default:
      return `ends at once. Other workers take over what it holds within ${
        span(lease)
      }`;
  }
}

function neverStarted(cli: Cli, { hostname }: WorkerPlan): void {
  cli.out.tell(
    { event: "stopped", worker: hostname, ended: {} },
    () => `${hostname} has stopped before it had started`,
  );
  log.debug("{worker} has stopped before it had started", { worker: hostname });
}

function ended(cli: Cli, { worker, beat }: RunningWorker): void {
  const { hostname, totals } = worker;
  const done = Object.entries(totals.ended).map(([kind, number]) =>
    `${number} ${kind}`
  );
  const summary = [
    done.length === 0 ? "no task ended" : done.join(", "),
    ...(beat === null ? [] : [totalsText(beat.totals)]),
  ].join("; ");
  cli.out.tell(
    {
      event: "stopped",
      worker: hostname,
      ended: totals.ended,
      ...(beat === null ? {} : { beat: beat.totals }),
    },
    () => `${hostname} has stopped (${summary})`,
  );
  log.debug("{worker} has stopped", { worker: hostname });
}
