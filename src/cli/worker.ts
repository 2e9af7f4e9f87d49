/**
 * `lovage worker`: runs tasks until it is told to stop.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Command } from "commander";
import { ConfigError } from "../errors.ts";
import { parseLimit, type Settings } from "../config.ts";
import type { Duration } from "../message/time.ts";
import { machineFacts, pid } from "../runtime/machine.ts";
import { colorsWanted, exitNow, stayAlive } from "../runtime/process.ts";
import { onStopSignal, type StopSignal } from "../runtime/signals.ts";
import { planWorker, type WorkerPlan } from "../worker/plan.ts";
import { startWorker } from "../worker/start.ts";
import type { Worker } from "../worker/worker.ts";
import type { WorkerOptions } from "../worker/worker_options.ts";
import { checkStores, type CliApp, namedApp } from "./app.ts";
import type { Cli } from "./cli.ts";
import { UsageError } from "./errors.ts";
import { count, span } from "./format.ts";
import { bannerOf, bannerText } from "./worker_banner.ts";
import { openLog, openPidfile } from "./worker_files.ts";
import {
  addWorkerOptions,
  type WorkerFlags,
  workerOptionsOf,
} from "./worker_options.ts";
import { Shutdown, type ShutdownStage } from "./worker_shutdown.ts";

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
  const pidfile = openPidfile(flags.pidfile);
  const logging = await openLog(flags, plan.hostname, styleFor(cli, flags));
  const release = stayAlive();
  let served = true;
  try {
    const where = `${flags.loglevel} and above, to ${logging.file ?? "stderr"}`;
    const banner = bannerOf(named, plan, {
      pid: pid(),
      log: logging.installed ? where : "as the app configures it",
    });
    cli.out.tell({ ...banner }, () => bannerText(banner, plan));
    served = await serve(
      { cli, named, plan, options },
      () => pidfile.release(),
    );
  } finally {
    release();
    // Closing would wait for the store that it was told not to wait for.
    if (served) await named.app.close();
    await logging.close();
    pidfile.release();
  }
}

/**
 * The plan of a worker. The settings were checked before: what does not fit
 * are the flags.
 */
function checkedPlan(options: WorkerOptions, settings: Settings): WorkerPlan {
  checkLimits(options, settings);
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

interface ServeParts {
  readonly cli: Cli;
  readonly named: CliApp;
  readonly plan: WorkerPlan;
  readonly options: WorkerOptions;
}

/**
 * Runs the worker from its start to its end.
 *
 * @returns whether it has started at all
 */
async function serve(parts: ServeParts, onExit: () => void): Promise<boolean> {
  const { cli, named: { app }, plan, options } = parts;
  let worker: Worker | null = null;
  const shutdown = new Shutdown({
    say: (stage, signal) =>
      announce(cli, { stage, signal, plan, held: worker?.totals.held ?? 0 }),
    exit: (code) => {
      onExit();
      exitNow(code);
    },
  });
  const ignoreSignals = onStopSignal((signal) => shutdown.receive(signal));
  try {
    worker = await startUnless(shutdown.starting, app, options);
    if (worker === null) {
      neverStarted(cli, plan);
      return false;
    }
    ready(cli, worker);
    shutdown.started(worker);
    await Promise.race([shutdown.stopped, worker.stopped]);
    ended(cli, worker);
    return true;
  } finally {
    ignoreSignals();
    await worker?.stop();
  }
}

/** Starts the worker; `null` when it is told to stop before. */
async function startUnless(
  signal: AbortSignal,
  app: object,
  options: WorkerOptions,
): Promise<Worker | null> {
  try {
    return await startWorker(app, options, { signal });
  } catch (error) {
    if (signal.aborted && error === signal.reason) return null;
    throw error;
  }
}

function ready(cli: Cli, { hostname, warnings }: Worker): void {
  for (const warning of warnings) {
    cli.out.tell({ event: "warning", warning }, () => `Warning: ${warning}`);
  }
  cli.out.tell(
    { event: "ready", worker: hostname },
    () => `${hostname} is ready; stop it with Ctrl-C or TERM`,
  );
  log.debug("{worker} is ready", { worker: hostname });
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

function ended(cli: Cli, { hostname, totals }: Worker): void {
  const done = Object.entries(totals.ended).map(([kind, number]) =>
    `${number} ${kind}`
  );
  const summary = done.length === 0 ? "no task ended" : done.join(", ");
  cli.out.tell(
    { event: "stopped", worker: hostname, ended: totals.ended },
    () => `${hostname} has stopped (${summary})`,
  );
  log.debug("{worker} has stopped", { worker: hostname });
}

function styleFor(
  cli: Cli,
  { logfile }: WorkerFlags,
): "plain" | "color" | "json" {
  if (cli.out.json) return "json";
  const color = cli.globals.color && logfile === undefined &&
    colorsWanted("stderr");
  return color ? "color" : "plain";
}
