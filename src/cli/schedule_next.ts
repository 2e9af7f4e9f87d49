/**
 * `lovage schedule next`: the coming times of an entry.
 *
 * @module
 */

import type { Command } from "commander";
import { type Instant, parseInstant } from "../message/time.ts";
import { namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { instant, integer } from "./parse.ts";
import { table } from "./table.ts";
import { localZone, zonedText } from "./zoned_time.ts";

interface NextFlags {
  readonly count: number;
  readonly after?: Instant;
}

/** Defines the command. */
export function defineNext(command: Command, cli: Cli): void {
  command.command("next")
    .description("show when an entry is due next")
    .argument("<name>", "its name")
    .option("-n, --count <number>", "so many", integer("--count", 1, 1000), 10)
    .option("--after <time>", "from this time on", instant("--after"))
    .action((name: string, flags: NextFlags) => next(cli, name, flags));
}

async function next(
  cli: Cli,
  name: string,
  { count, after }: NextFlags,
): Promise<void> {
  const named = await namedAppOrStore(cli);
  await openExisting(named);
  const { schedules } = named.app;
  const from = after === undefined
    ? undefined
    : new Date(parseInstant(after, "--after"));
  const times = await schedules.next(name, count, from);
  const entry = await schedules.get(name);
  const { timezone = "UTC", enabled = true } = entry ?? {};
  const local = localZone();
  const rows = times.map((at) => ({
    at,
    zoned: zonedText(at, timezone),
    local: zonedText(at, local),
  }));
  cli.out.show(
    { name, timezone, localTimezone: local, enabled, times: rows },
    () =>
      rows.length === 0
        ? `The schedule entry "${name}" is never due again`
        : table(
          [timezone, `local (${local})`],
          rows.map((row) => [row.zoned, row.local]),
        ),
  );
  if (!enabled) {
    cli.out.note("It is disabled: it is not sent until it is enabled");
  }
}
