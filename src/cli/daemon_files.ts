/**
 * The files that `lovage worker` and `lovage beat` write: a log and a process
 * id.
 *
 * @module
 */

import { holdPidfile, type Pidfile } from "../runtime/files.ts";
import { type Logging, startLogging } from "../runtime/logging.ts";
import type { DaemonFlags } from "./daemon_options.ts";
import { CliError } from "./errors.ts";
import { ExitCode } from "./exit_code.ts";
import { formatterFor, type LineStyle } from "./log_format.ts";

/** A log and where it goes. */
export interface DaemonLog extends Logging {
  /** The path of its file; without one it is stderr. */
  readonly file: string | undefined;
}

/**
 * Starts logging.
 *
 * @throws {CliError} when the file cannot be written
 */
export async function openLog(
  { loglevel, logfile }: DaemonFlags,
  hostname: string,
  style: LineStyle,
): Promise<DaemonLog> {
  const file = logfile === undefined ? undefined : filled(logfile, hostname);
  try {
    const format = formatterFor(style);
    const logging = await startLogging({ level: loglevel, format, file });
    return { ...logging, file };
  } catch (error) {
    throw cannotWrite("--logfile", file ?? "", error);
  }
}

/**
 * Takes the pid file, if there is to be one.
 *
 * @param what what runs in this process: `worker`
 * @throws {CliError} when another process holds it, or it cannot be written
 */
export function openPidfile(path: string | undefined, what: string): Pidfile {
  if (path === undefined) return { release: () => {} };
  let held;
  try {
    held = holdPidfile(path);
  } catch (error) {
    throw cannotWrite("--pidfile", path, error);
  }
  if (!("heldBy" in held)) return held;
  throw new CliError(
    `The pid file ${path} is held by process ${held.heldBy}, which is alive: a ${what} runs there already. Stop it, or give this one another --pidfile`,
    ExitCode.Failure,
  );
}

/** As in Celery: `%h` is the node name, `%n` what is before the @, `%d` after. */
function filled(pattern: string, hostname: string): string {
  const [name = hostname, machine = ""] = hostname.split("@");
  return pattern.replaceAll("%h", hostname).replaceAll("%n", name)
    .replaceAll("%d", machine);
}

function cannotWrite(flag: string, path: string, error: unknown): CliError {
  return new CliError(
    `${flag} cannot be written: ${path}: ${
      error instanceof Error ? error.message : error
    }`,
    ExitCode.Failure,
    { cause: error },
  );
}
