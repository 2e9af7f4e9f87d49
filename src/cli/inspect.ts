/**
 * `lovage inspect`: asks workers what they do.
 *
 * @module
 */

import type { Command } from "commander";
import type { InspectAnswers } from "../control/facts.ts";
import type { InspectMethod } from "../control/inspect.ts";
import type { AskOptions } from "../control/remote.ts";
import { namedAppOrStore, openExisting } from "./app.ts";
import {
  absences,
  addAskOptions,
  askOptionsOf,
  spelledCommand,
} from "./ask.ts";
import type { Cli } from "./cli.ts";
import { ExitCode } from "./exit_code.ts";
import { answersText } from "./inspect_text.ts";
import { integer } from "./parse.ts";
import { kebabCase } from "./spelling.ts";

/** The questions, and what they ask for. */
const QUESTIONS: Readonly<Record<InspectMethod, string>> = {
  ping: "who is there",
  active: "tasks that run",
  reserved: "tasks that were taken from their queue and wait for a slot",
  scheduled: "tasks that wait in a worker for their turn under a rate limit",
  registered: "tasks that are known",
  stats: "figures: tasks ended, pool, memory",
  taskFigures: "tasks counted since it was started, by name",
  activeQueues: "queues that are served",
  revoked: "tasks that are held and were revoked",
  queryTask: "who holds these tasks, and how far they have come",
  conf: "settings in force, secrets masked",
  report: "platform, versions and settings, for a bug report",
  memsample: "memory that is held now; kept for memdump",
  memdump: "the samples of memory since the last memdump, and how it grew",
  clock: "the time of each machine",
};

/** What a question takes. */
interface Argument {
  readonly name: string;
  define(question: Command): void;
}

const ARGUMENTS: Readonly<Record<string, Argument>> = {
  queryTask: {
    name: "ids",
    define: (question) => question.argument("<id...>", "ids of tasks"),
  },
  memdump: {
    name: "samples",
    define: (question) =>
      question.argument(
        "[samples]",
        "so many of them, evenly spread",
        integer("The number of samples", 1),
        10,
      ),
  },
};

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  addAskOptions(command);
  for (const [method, summary] of Object.entries(QUESTIONS)) {
    const question = spelledCommand(command, kebabCase(method))
      .description(summary);
    const takes = ARGUMENTS[method];
    takes?.define(question);
    question.action(async (given: unknown) => {
      const args = takes === undefined ? {} : { [takes.name]: given };
      cli.exitCode = await inspect(
        cli,
        { method: method as InspectMethod, args },
        askOptionsOf(command),
      );
    });
  }
  command.addHelpText(
    "after",
    `
What waits in queues or for its eta is in the store, and no worker is asked for
it: lovage status. Exits with 1 when no worker answers.`,
  );
}

async function inspect(
  cli: Cli,
  { method, args }: {
    readonly method: InspectMethod;
    readonly args: Readonly<Record<string, unknown>>;
  },
  options: AskOptions,
): Promise<number> {
  const named = await namedAppOrStore(cli);
  await openExisting(named);
  const answers = await named.app.control.inspect(options).ask(method, args);
  const replies = answers.replies as Readonly<
    Record<string, InspectAnswers[typeof method]>
  >;
  cli.out.show(answers, () =>
    [
      ...answersText(method, replies, named.internals.clock().now()),
      ...absences(answers, options),
    ].join("\n").trimEnd());
  return Object.keys(replies).length > 0 ? ExitCode.Ok : ExitCode.Failure;
}
