/**
 * `lovage explain`: where a task is and why it does not run.
 *
 * @module
 */

import type { Command } from "commander";
import type { Explanation } from "../control/explain/explanation.ts";
import { namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { ExitCode } from "./exit_code.ts";

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  command
    .argument(
      "<id>",
      "id of a task or a group, or the name of a schedule entry",
    )
    .addHelpText(
      "after",
      "\nReads the stores; of a task that a worker holds, that worker is asked.\nExits with 1 when nothing is known of it.",
    )
    .action(async (id: string) => {
      cli.exitCode = await explain(cli, id);
    });
}

async function explain(cli: Cli, id: string): Promise<number> {
  const named = await namedAppOrStore(cli);
  await openExisting(named);
  const explanation = await named.app.explain(id);
  cli.out.show(explanation, () => text(explanation));
  return explanation.where === "unknown" ? ExitCode.Failure : ExitCode.Ok;
}

function text(
  { id, task, state, where, sentences, cures }: Explanation,
): string {
  const isTask = where !== "group" && where !== "schedule entry";
  const head = [task ?? (isTask ? "Unknown task" : where), id];
  return [
    [...head, ...(isTask && where !== "unknown" ? [state] : [])].join("  "),
    ...sentences.map((sentence) => `- ${sentence}`),
    ...(cures.length === 0 ? [] : ["Try:"]),
    ...cures.map((cure) => `  ${cure}`),
  ].join("\n");
}
