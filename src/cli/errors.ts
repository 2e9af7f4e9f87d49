/**
 * Errors of commands, and which exit code an error leads to.
 *
 * @module
 */

import { CommanderError } from "commander";
import {
  ConfigError,
  EncodeError,
  LovageError,
  ScheduleError,
  StoreError,
  TimeoutError,
  ValidationError,
} from "../errors.ts";
import { ExitCode } from "./exit_code.ts";

/** A command cannot do what it was asked to. */
export class CliError extends LovageError {
  /** The name of the class. */
  override readonly name: string = "CliError";
  /** The exit code. */
  readonly exitCode: number;

  /** An error with a sentence for the operator. */
  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** The command line will not do. */
export class UsageError extends CliError {
  /** The name of the class. */
  override readonly name: string = "UsageError";

  /** Says what was given, what was wanted and what to do. */
  constructor(message: string) {
    super(message, ExitCode.Usage);
  }
}

/** A text of the command line will not do, at a place that is known. */
export class MistakeError extends UsageError {
  /** The name of the class. */
  override readonly name: string = "MistakeError";
  /** The text. */
  readonly text: string;
  /** Where in it the mistake is, counted from 1. */
  readonly position: number;

  /** Says what is wrong, and in what. */
  constructor(message: string, text: string, position: number) {
    super(message);
    this.text = text;
    this.position = position;
  }

  /** The text, and below it a caret at the mistake. */
  get picture(): string {
    // A tab would put the caret elsewhere.
    const line = this.text.replace(/\s/g, " ");
    return `  ${line}\n  ${" ".repeat(this.position - 1)}^`;
  }
}

/** The exit code that an error leads to. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? ExitCode.Ok : ExitCode.Usage;
  }
  if (error instanceof StoreError) return ExitCode.StoreUnavailable;
  if (error instanceof ScheduleError) return ExitCode.Failure;
  if (error instanceof ConfigError) return ExitCode.Config;
  if (error instanceof EncodeError || error instanceof ValidationError) {
    return ExitCode.Usage;
  }
  if (error instanceof TimeoutError) return ExitCode.NotEnded;
  return ExitCode.Internal;
}

/**
 * What an error says to the operator.
 *
 * @param known the commands that there are, where one was looked for
 */
export function sentenceOf(
  error: unknown,
  known: readonly string[] = [],
): string {
  if (error instanceof CommanderError) return commanderSentence(error, known);
  if (error instanceof LovageError) return error.message;
  const what = error instanceof Error
    ? `${error.name}: ${error.message}`
    : String(error);
  return `Unexpected error, ${what} (--debug shows where)`;
}

/** Turns `error: unknown option '--qeue'\n(Did you mean …)` into a sentence. */
function commanderSentence(
  { code, message }: CommanderError,
  known: readonly string[],
): string {
  if (code === "commander.optionMissingArgument") {
    const flag = /--[\w-]+/.exec(message)?.[0] ?? "The option";
    return `${flag} needs a value`;
  }
  const plain = message.replace(/^error: /, "")
    .replace(/\n\((.*)\)$/s, ". $1")
    .replace(/\.$/, "")
    .replaceAll("'", '"');
  const said = plain.charAt(0).toUpperCase() + plain.slice(1);
  return code === "commander.unknownCommand" && !/Did you mean/.test(said)
    ? `${said}. The commands are: ${known.join(", ")}`
    : said;
}
