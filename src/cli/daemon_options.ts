/**
 * The options of commands that run until they are told to stop.
 *
 * @module
 */

import type { LogLevel } from "@logtape/logtape";
import type { Command } from "commander";
import { LOG_LEVELS, OTHER_LEVELS } from "./log_format.ts";
import { oneOf } from "./parse.ts";

/** The options as they were given. */
export interface DaemonFlags {
  /** The node name. */
  readonly hostname?: string;
  /** The lowest level that is logged. */
  readonly loglevel: LogLevel;
  /** Where log lines go. */
  readonly logfile?: string;
  /** Where the process id goes. */
  readonly pidfile?: string;
}

/**
 * Adds the options.
 *
 * @param hostname the node name without the option: `beat@%h`
 */
export function addDaemonOptions(command: Command, hostname: string): Command {
  return command
    .option(
      "-n, --hostname <name>",
      `node name; %h is the machine, %n its first part, %d the rest (${hostname})`,
    )
    .option(
      "-l, --loglevel <level>",
      `${LOG_LEVELS.join(", ")}`,
      oneOf<LogLevel>("--loglevel", LOG_LEVELS, OTHER_LEVELS),
      "info",
    )
    .option(
      "-f, --logfile <path>",
      "log to a file instead of stderr; %h is the node name, %n the part before @, %d the rest",
    )
    .option(
      "--pidfile <path>",
      "write the process id to a file, and refuse to start when a live process holds it",
    );
}
