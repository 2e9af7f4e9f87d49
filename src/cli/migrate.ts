/**
 * `lovage migrate`: brings the schemas of the stores up to date.
 *
 * @module
 */

import type { Command } from "commander";
import type { MigrationReport, SchemaStatus } from "../contracts/migrations.ts";
import type { Store } from "../contracts/store.ts";
import { namedAppOrStore, unopenedStores } from "./app.ts";
import type { Cli } from "./cli.ts";
import { ExitCode } from "./exit_code.ts";

interface MigrateFlags {
  readonly check?: boolean;
}

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  command
    .option(
      "--check",
      "change nothing, say what would be done; exit with 1 if it is behind",
    )
    .addHelpText(
      "after",
      "\nFor stores that keep a schema (postgres://), as a user that may create in the\ndatabase. Several may run at once. All other stores need no migration.",
    )
    .action(async (flags: MigrateFlags) => {
      cli.exitCode = await migrate(cli, flags);
    });
}

async function migrate(cli: Cli, { check }: MigrateFlags): Promise<number> {
  const { internals } = await namedAppOrStore(cli);
  let behind = false;
  for (const store of await unopenedStores(internals)) {
    if (check === true) {
      behind = await checkOne(cli, store) || behind;
    } else await migrateOne(cli, store);
  }
  return behind ? ExitCode.Failure : ExitCode.Ok;
}

async function migrateOne(cli: Cli, store: Store): Promise<void> {
  const { migrations, address } = store;
  if (migrations === null) return notNeeded(cli, store);
  try {
    const report = await migrations.migrate();
    cli.out.show(
      { store: address, ...report },
      () => reportText(store, report),
    );
  } finally {
    await store.close();
  }
}

/** @returns whether it is behind */
async function checkOne(cli: Cli, store: Store): Promise<boolean> {
  const { migrations, address } = store;
  if (migrations === null) {
    notNeeded(cli, store);
    return false;
  }
  try {
    const status = await migrations.status();
    cli.out.show(
      { store: address, ...status },
      () => statusText(store, status),
    );
    return status.version < status.needed;
  } finally {
    await store.close();
  }
}

function notNeeded(cli: Cli, { address }: Store): void {
  cli.out.show(
    { store: address, schema: null },
    () => `${address} needs no migration: it looks after itself`,
  );
}

function reportText(
  { address }: Store,
  { schema, from, to, done }: MigrationReport,
): string {
  const what = `Schema "${schema}" of ${address}`;
  if (done.length === 0) return `${what} is up to date (version ${to})`;
  return [`${what}: version ${from} -> ${to}`, ...steps(from, done)].join("\n");
}

function statusText(
  { address }: Store,
  { schema, version, needed, pending }: SchemaStatus,
): string {
  const what = `Schema "${schema}" of ${address}`;
  if (pending.length === 0) return `${what} is up to date (version ${version})`;
  return [
    version === 0
      ? `${what} is not there, version ${needed} is needed; lovage migrate would do this:`
      : `${what} has version ${version}, ${needed} is needed; lovage migrate would do this:`,
    ...steps(version, pending),
  ].join("\n");
}

function steps(from: number, done: readonly string[]): readonly string[] {
  return done.map((each, at) => `  ${from + at + 1}: ${each}`);
}
