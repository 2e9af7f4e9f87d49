/**
 * What the commands that speak to workers share: whom they ask, how long they
 * wait, and what they say of those who did not answer.
 *
 * @module
 */

import type { Command } from "commander";
import type { AskOptions } from "../control/remote.ts";
import type { Replies } from "../control/replies.ts";
import type { Duration } from "../message/time.ts";
import { camelCase } from "./spelling.ts";
import { duration, names } from "./parse.ts";

/** The options as they were given. */
export interface AskFlags {
  readonly destination?: readonly string[];
  readonly pattern?: string;
  readonly timeout: Duration;
}

/** Adds the options that say who is asked. */
export function addAskOptions(command: Command): void {
  command
    .option(
      "-d, --destination <names>",
      "ask these workers only, by node name",
      names("--destination"),
    )
    .option(
      "-p, --pattern <glob>",
      "ask the workers whose node names match, such as 'gpu-*@*'",
    )
    .option(
      "-t, --timeout <duration>",
      "wait so long for answers",
      duration("--timeout"),
      "1s",
    )
    .configureHelp({
      showGlobalOptions: true,
      // The other spellings would only be in the way.
      subcommandTerm: (each) =>
        [each.name(), ...each.registeredArguments.map(argumentTerm)].join(" "),
    });
}

/** A command of this name, which is also known in Celery's spelling and in camelCase. */
export function spelledCommand(parent: Command, name: string): Command {
  const command = parent.command(name);
  const others = [name.replaceAll("-", "_"), camelCase(name)];
  for (const other of new Set(others)) {
    if (other !== name) command.alias(other);
  }
  return command;
}

/** Whom to ask, and how long to wait. */
export function askOptionsOf(command: Command): AskOptions {
  const { destination, pattern, timeout } = command.opts<AskFlags>();
  return { destination, pattern, timeout };
}

/** How long is waited, as it was given. */
function patienceOf({ timeout }: AskOptions): string {
  return typeof timeout === "number" ? `${timeout}s` : String(timeout);
}

/** Whether nobody has answered, nor refused to. */
export function isSilent({ replies, errors }: Replies<unknown>): boolean {
  return Object.keys(replies).length + Object.keys(errors).length === 0;
}

/** Sentences on those who refused, and those who did not answer. */
export function absences(
  answers: Replies<unknown>,
  options: AskOptions,
): readonly string[] {
  const { errors, missing, silent } = answers;
  const refused = Object.entries(errors)
    .map(([worker, error]) => `${worker} refused: ${error}`);
  if (silent.length > 0) {
    refused.push(
      `Not heard of for longer than its lease, and not waited for: ${
        silent.join(", ")
      }`,
    );
  }
  if (missing.length > 0) {
    const late = `Did not answer within ${patienceOf(options)}: ${
      missing.join(", ")
    }`;
    return [...refused, late];
  }
  return isSilent(answers)
    ? [...refused, `No worker answered: ${nobody(options)}`]
    : refused;
}

function nobody({ pattern }: AskOptions): string {
  return pattern === undefined
    ? "the store knows of none that is alive"
    : `the store knows of none that is alive and matches "${pattern}"`;
}

function argumentTerm(
  argument: Command["registeredArguments"][number],
): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}
