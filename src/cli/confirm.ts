/**
 * Asks before something is lost for good.
 *
 * @module
 */

import { ask, isInteractive } from "../runtime/process.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./errors.ts";
import { ExitCode } from "./exit_code.ts";

/**
 * Asks a person on a terminal; refuses where there is none.
 *
 * @param what what will be lost: "This drops 12 tasks"
 * @returns whether to go on
 */
export function confirmed(cli: Cli, what: string, force: boolean): boolean {
  if (force) return true;
  if (cli.out.json || !isInteractive()) {
    throw new CliError(
      `${what}. Nobody can be asked here (no terminal, or --json): nothing was done; say --force to go on`,
      ExitCode.Failure,
    );
  }
  if (ask(`${what}. Go on?`)) return true;
  cli.out.note("Nothing was done");
  return false;
}
