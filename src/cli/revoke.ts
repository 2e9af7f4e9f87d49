/**
 * `lovage revoke`: cancels tasks, by id or by header.
 *
 * @module
 */

import type { Command } from "commander";
import type { CancelOutcome } from "../contracts/broker.ts";
import { revoke as revokeTasks } from "../producer/revoke.ts";
import { namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { UsageError } from "./errors.ts";
import { count } from "../words.ts";
import { type Pairs, pairs } from "./parse.ts";
import { table } from "./table.ts";

interface RevokeFlags {
  readonly terminate?: boolean;
  readonly header?: Pairs;
}

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  command
    .argument("[id...]", "ids of tasks")
    .option(
      "--header <name=value>",
      "in place of ids: all that wait or run and were sent with this header; again for one more, or for another value",
      pairs("--header"),
    )
    .option("--terminate", "end running tasks by force")
    .addHelpText(
      "after",
      `
A task that waits is taken out of its queue. One that runs is asked to stop
(its signal aborts); with --terminate it is ended by force. An id that is not
known yet stays revoked for a day. By header, what is sent later still runs.`,
    )
    .action(
      async (ids: string[], { terminate = false, header }: RevokeFlags) => {
        if ((ids.length > 0) === (header !== undefined)) {
          throw new UsageError(
            "Say which tasks to revoke: give their ids, or --header name=value",
          );
        }
        await (header === undefined
          ? revoke(cli, [...new Set(ids)], terminate)
          : revokeByHeaders(cli, header, terminate));
      },
    );
}

async function revoke(
  cli: Cli,
  ids: readonly string[],
  terminate: boolean,
): Promise<void> {
  const named = await namedAppOrStore(cli);
  const { broker, backend } = await openExisting(named);
  const before = await backend.results.fetch(ids);
  const live = await broker.inspector.find(ids);
  const outcomes = await revokeTasks(named.internals, ids, { terminate });
  const rows = ids.map((id, index) => {
    const record = before[index];
    const outcome = outcomes[index] ?? "unknown";
    const ended = outcome === "unknown" && record?.ended === true;
    const kept = outcome === "running" && live[index]?.status !== "running";
    return {
      id,
      outcome: ended ? "ended" : kept ? "kept" : outcome,
      state: record?.state ?? "",
    } as const;
  });
  cli.out.show(
    rows.map(({ id, outcome }) => ({ id, outcome })),
    () =>
      table(
        ["ID", "OUTCOME"],
        rows.map(({ id, outcome, state }) => [
          id,
          sentence(outcome, terminate, state),
        ]),
      ),
  );
}

async function revokeByHeaders(
  cli: Cli,
  header: Pairs,
  terminate: boolean,
): Promise<void> {
  const named = await namedAppOrStore(cli);
  await openExisting(named);
  const { control } = named.app;
  const found = await control.revokeByHeaders(valuesOf(header), { terminate });
  cli.out.show(
    found,
    () =>
      found.length === 0 ? "No task that waits or runs was sent with that" : [
        table(
          ["ID", "TASK", "QUEUE", "OUTCOME"],
          found.map(({ id, task, queue, outcome }) => [
            ...[id, task, queue],
            sentence(outcome, terminate, ""),
          ]),
        ),
        `Revoked ${count(found.length, "task")}`,
      ].join("\n\n"),
  );
}

/** What is typed may stand for a text, or for a number and the like. */
function valuesOf(header: Pairs): Readonly<Record<string, unknown[]>> {
  return Object.fromEntries(
    Object.entries(header).map(([name, texts]) => [
      name,
      texts.flatMap((text) => {
        try {
          return [text, JSON.parse(text)];
        } catch {
          return [text];
        }
      }),
    ]),
  );
}

function sentence(
  outcome: CancelOutcome | "ended" | "kept",
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
    case "kept":
      return "waits, and others wait for its end: the worker that takes it ends it without a run";
    case "ended":
      return `had ended before, as ${state}`;
    default:
      return "not known; if it is sent within a day, it will not run (a worker that runs it at most once was told)";
  }
}
