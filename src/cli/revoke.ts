/**
 * `lovage revoke`: cancels tasks.
 *
 * @module
 */

import type { Command } from "commander";
import type { CancelOutcome } from "../contracts/broker.ts";
import { revoke as revokeTasks } from "../producer/revoke.ts";
import { namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { table } from "./table.ts";

interface RevokeFlags {
  readonly terminate?: boolean;
}

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  command
    .argument("<id...>", "ids of tasks")
    .option("--terminate", "end running tasks by force")
    .addHelpText(
      "after",
      `
A task that waits is taken out of its queue. One that runs is asked to stop
(its signal aborts); with --terminate it is ended by force. An id that is not
known yet stays revoked for a day.`,
    )
    .action((ids: string[], flags: RevokeFlags) => revoke(cli, ids, flags));
}

async function revoke(
  cli: Cli,
  ids: readonly string[],
  { terminate = false }: RevokeFlags,
): Promise<void> {
  const named = await namedAppOrStore(cli);
  const { backend } = await openExisting(named);
  const before = await backend.results.fetch(ids);
  const outcomes = await revokeTasks(named.internals, ids, { terminate });
  const rows = ids.map((id, index) => {
    const record = before[index];
    const outcome = outcomes[index] ?? "unknown";
    const ended = outcome === "unknown" && record?.ended === true;
    return { id, outcome: ended ? "ended" as const : outcome, record };
  });
  cli.out.show(
    rows.map(({ id, outcome }) => ({ id, outcome })),
    () =>
      table(
        ["ID", "OUTCOME"],
        rows.map(({ id, outcome, record }) => [
          id,
          sentence(outcome, terminate, record?.state ?? ""),
        ]),
      ),
  );
}

function sentence(
  outcome: CancelOutcome | "ended",
  terminate: boolean,
  state: string,
): string {
  switch (outcome) {
    case "removed":
      return "taken out of its queue";
    case "running":
      return terminate
        ? "runs; its worker was told to end it by force"
        : "runs; its worker was told to ask it to stop";
    case "ended":
      return `had ended before, as ${state}`;
    default:
      return "not known; if it is sent within a day, it will not run";
  }
}
