/**
 * Runs the command line: builds the program with the one command that was
 * asked for, runs it, and turns errors into sentences and exit codes.
 *
 * @module
 */

import { Command, CommanderError } from "commander";
import { changeDirectory, stayAlive } from "../runtime/process.ts";
import { Cli } from "./cli.ts";
import { COMMANDS } from "./commands.ts";
import { exitCodeOf, sentenceOf, UsageError } from "./errors.ts";
import { EXIT_CODES_HELP, ExitCode } from "./exit_code.ts";
import { addGlobalOptions, commandNameIn, type Globals } from "./globals.ts";
import { VERSION } from "./version.ts";

/**
 * Runs a command.
 *
 * @param args the words after the program's name
 * @returns the exit code
 */
export async function main(args: readonly string[]): Promise<number> {
  const program = newProgram();
  const cli = new Cli(() => program.opts() as Globals);
  const name = commandNameIn(args);
  // Node ends a process in which nothing but promises are left.
  const release = stayAlive();
  try {
    for (const [each, { summary, load }] of Object.entries(COMMANDS)) {
      const command = program.command(each).description(summary);
      if (name === each || name === "help") (await load()).define(command, cli);
    }
    if (args.length === 0) {
      program.outputHelp({ error: true });
      return ExitCode.Usage;
    }
    await program.parseAsync(args, { from: "user" });
    return cli.exitCode;
  } catch (error) {
    const code = exitCodeOf(error);
    if (code !== ExitCode.Ok && !isHelp(error)) {
      const known = commandsOf(program, name);
      cli.out.error(sentenceOf(error, known), code, error);
    }
    return code;
  } finally {
    release();
  }
}

/** The commands of the group that was asked for, or else all. */
function commandsOf(
  program: Command,
  name: string | undefined,
): readonly string[] {
  const group = program.commands.find((each) => each.name() === name);
  return (group ?? program).commands.map((each) => each.name());
}

/** A command group without a command has printed its help. */
function isHelp(error: unknown): boolean {
  return error instanceof CommanderError && error.code === "commander.help";
}

function newProgram(): Command {
  const program = new Command("lovage")
    .description("Lovage, the distributed task queue for TypeScript")
    .version(VERSION, "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => {} })
    .addHelpText("after", `\n${EXIT_CODES_HELP}`)
    .exitOverride()
    .hook("preAction", () => enterWorkdir(program.opts() as Globals));
  addGlobalOptions(program);
  return program;
}

function enterWorkdir({ workdir }: Globals): void {
  if (workdir !== undefined && !changeDirectory(workdir)) {
    throw new UsageError(
      `--workdir must be a directory that exists, but it is "${workdir}"`,
    );
  }
}
