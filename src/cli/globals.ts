/**
 * The options that every command takes.
 *
 * @module
 */

import { type Command, Option } from "commander";

/** The options of every command, as they were given. */
export interface Globals {
  /** The module of the app. */
  readonly app?: string;
  /** The URL of the store, instead of the app's. */
  readonly broker?: string;
  /** The URL of the result backend, instead of the app's. */
  readonly resultBackend?: string;
  /** Print JSON. */
  readonly json?: boolean;
  /** Print results and errors only. */
  readonly quiet?: boolean;
  /** Whether colours may be used. */
  readonly color: boolean;
  /** The directory to work in. */
  readonly workdir?: string;
  /** Print the stacks of errors. */
  readonly debug?: boolean;
}

/** Those that take a value: they matter when looking for the command. */
const WITH_VALUE = [
  new Option(
    "-A, --app <module>",
    "path or URL of the module that exports the app (env: LOVAGE_APP)",
  ),
  new Option(
    "-b, --broker <url>",
    "store to use instead of the app's (env, without an app: LOVAGE_BROKER_URL)",
  ),
  new Option(
    "--result-backend <url>",
    "result backend to use instead of the app's",
  ),
  new Option("--workdir <directory>", "directory to work in"),
];

const SWITCHES = [
  new Option("--json", "print JSON, for programs"),
  new Option("-q, --quiet", "print results and errors only"),
  new Option("--no-color", "no colours (env: NO_COLOR)"),
  new Option("--debug", "print the stacks of errors"),
];

/** Adds the options. */
export function addGlobalOptions(program: Command): void {
  for (const option of [...WITH_VALUE, ...SWITCHES]) program.addOption(option);
}

/** The first word that is neither a global option nor the value of one. */
export function commandNameIn(args: readonly string[]): string | undefined {
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (WITH_VALUE.some((it) => it.short === arg || it.long === arg)) index++;
    else if (!arg.startsWith("-")) return arg;
  }
  return undefined;
}
