/**
 * What runs until it is told to stop: its files, its signals, and its way
 * from the start to the end.
 *
 * @module
 */

import { colorsWanted, exitNow } from "../runtime/process.ts";
import { onStopSignal, type StopSignal } from "../runtime/signals.ts";
import type { CliApp } from "./app.ts";
import type { Cli } from "./cli.ts";
import { openLog, openPidfile } from "./daemon_files.ts";
import type { DaemonFlags } from "./daemon_options.ts";
import { Shutdown, type ShutdownStage, type Stoppable } from "./shutdown.ts";

/** What runs, and what it says on its way. */
export interface Daemon<Running extends Stoppable> {
  /** What it is: `worker`. */
  readonly what: string;
  /** The node name. */
  readonly hostname: string;
  /** Whether a cold stop differs from a warm one. */
  readonly hasCold: boolean;
  /**
   * Says what is about to start.
   *
   * @param log where log lines go, and from which level
   */
  announce(log: string): void;
  /**
   * Starts it.
   *
   * @param signal ends the waiting for the store when it aborts
   */
  start(signal: AbortSignal): Promise<Running>;
  /** It runs. */
  ready(running: Running): void;
  /** A signal has arrived. */
  signalled(
    stage: ShutdownStage,
    signal: StopSignal,
    running: Running | null,
  ): void;
  /** It has ended; `null` when it was told to before it had started. */
  ended(running: Running | null): void;
}

/**
 * Runs it from its start to its end.
 *
 * @throws {CliError} when a file of it cannot be written
 * @throws what kept it from starting
 */
export async function runDaemon<Running extends Stoppable>(
  cli: Cli,
  { app }: CliApp,
  flags: DaemonFlags,
  daemon: Daemon<Running>,
): Promise<void> {
  const pidfile = openPidfile(flags.pidfile, daemon.what);
  try {
    const logging = await openLog(flags, daemon.hostname, styleFor(cli, flags));
    let served = true;
    try {
      const where = `${flags.loglevel} and above, to ${
        logging.file ?? "stderr"
      }`;
      daemon.announce(logging.installed ? where : "as the app configures it");
      served = await serve(daemon, () => pidfile.release());
    } finally {
      // Closing would wait for the store that it was told not to wait for.
      if (served) await app.close();
      await logging.close();
    }
  } finally {
    pidfile.release();
  }
}

/** @returns whether it has started at all */
async function serve<Running extends Stoppable>(
  daemon: Daemon<Running>,
  onExit: () => void,
): Promise<boolean> {
  let running: Running | null = null;
  const shutdown = new Shutdown({
    say: (stage, signal) => daemon.signalled(stage, signal, running),
    exit: (code) => {
      onExit();
      exitNow(code);
    },
  }, daemon.hasCold);
  const ignoreSignals = onStopSignal((signal) => shutdown.receive(signal));
  try {
    running = await startUnless(shutdown.starting, daemon);
    if (running !== null) {
      daemon.ready(running);
      shutdown.started(running);
      const { stopped = shutdown.stopped } = running;
      await Promise.race([shutdown.stopped, stopped]);
    }
    daemon.ended(running);
    return running !== null;
  } finally {
    ignoreSignals();
    await running?.stop("warm");
  }
}

/** Starts it; `null` when it is told to stop before. */
async function startUnless<Running extends Stoppable>(
  signal: AbortSignal,
  daemon: Daemon<Running>,
): Promise<Running | null> {
  try {
    return await daemon.start(signal);
  } catch (error) {
    if (signal.aborted && error === signal.reason) return null;
    throw error;
  }
}

function styleFor(
  cli: Cli,
  { logfile }: DaemonFlags,
): "plain" | "color" | "json" {
  if (cli.out.json) return "json";
  const color = cli.globals.color && logfile === undefined &&
    colorsWanted("stderr");
  return color ? "color" : "plain";
}
