/**
 * `lovage dead`: the messages that could never run.
 *
 * @module
 */

import type { Command } from "commander";
import type { DeadLetter, DeadLetters } from "../contracts/dead_letters.ts";
import { decodeEnvelope } from "../message/envelope.ts";
import { namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { confirmed } from "./confirm.ts";
import { CliError, UsageError } from "./errors.ts";
import { ExitCode } from "./exit_code.ts";
import { age, count, timeAndAge } from "../words.ts";
import { integer } from "./parse.ts";
import { facts, table } from "./table.ts";

interface PickFlags {
  readonly all?: boolean;
  readonly force?: boolean;
}

const PAGE = 200;
const WHICH = "keys or task ids, as dead list shows them";

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  command.command("list")
    .description("list dead letters, the latest first")
    .option("--limit <number>", "at most so many", integer("--limit", 1), 50)
    .action(({ limit }: { limit: number }) => list(cli, limit));
  command.command("show")
    .description("show a dead letter and its message")
    .argument("<key>", "its key or the id of its task")
    .action((key: string) => show(cli, key));
  command.command("redrive")
    .description("put dead letters back into their queues")
    .argument("[keys...]", WHICH)
    .option("--all", "all of them")
    .action(async (keys: string[], flags: PickFlags) => {
      cli.exitCode = await redrive(cli, keys, flags);
    });
  command.command("purge")
    .description("drop dead letters for good")
    .argument("[keys...]", WHICH)
    .option("--all", "all of them")
    .option("-f, --force", "do not ask")
    .action(async (keys: string[], flags: PickFlags) => {
      cli.exitCode = await purge(cli, keys, flags);
    });
}

async function deadLettersOf(cli: Cli): Promise<DeadLetters> {
  const { broker } = await openExisting(await namedAppOrStore(cli));
  return broker.deadLetters;
}

async function* each(letters: DeadLetters): AsyncGenerator<DeadLetter> {
  let cursor: string | undefined;
  do {
    const page = await letters.list({ limit: PAGE, cursor });
    yield* page.items;
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
}

async function list(cli: Cli, limit: number): Promise<void> {
  const letters: DeadLetter[] = [];
  let more = false;
  for await (const letter of each(await deadLettersOf(cli))) {
    more = letters.length === limit;
    if (more) break;
    letters.push(letter);
  }
  cli.out.show(letters.map(report), () => {
    if (letters.length === 0) return "No dead letters";
    const now = Date.now();
    const rows = letters.map((letter) => [
      letter.key,
      new Date(letter.diedAt).toISOString(),
      age(letter.diedAt, now),
      letter.task,
      letter.id,
      letter.queue,
      `${letter.reason}: ${letter.detail}`,
    ]);
    return table(
      ["KEY", "DIED", "AGE", "TASK", "ID", "QUEUE", "REASON"],
      rows,
    );
  });
  if (more) cli.out.note(`There are more: --limit ${limit * 10}`);
}

async function show(cli: Cli, key: string): Promise<void> {
  const letters = await deadLettersOf(cli);
  const [letter] = await pick(letters, [key]);
  if (letter === undefined) throw notFound([key]);
  cli.out.show({ ...report(letter), body: letter.body }, () =>
    facts([
      ["key", letter.key],
      ["id", letter.id],
      ["task", letter.task],
      ["queue", `${letter.queue}, priority ${letter.priority}`],
      ["died", timeAndAge(letter.diedAt, Date.now())],
      ["reason", letter.reason],
      ["detail", letter.detail],
      ["lost with", count(letter.losses, "worker")],
      ["message", bodyText(letter.body)],
    ]));
}

function bodyText(body: string): string {
  try {
    return JSON.stringify(decodeEnvelope(body), null, 2);
  } catch {
    // Often that is why it is here.
    return `(cannot be read) ${body.slice(0, 2000)}`;
  }
}

async function redrive(
  cli: Cli,
  keys: readonly string[],
  flags: PickFlags,
): Promise<number> {
  checkPick(keys, flags, "redrive");
  const letters = await deadLettersOf(cli);
  const chosen = flags.all === true ? null : await keysOf(letters, keys);
  const redriven = await letters.redrive(chosen);
  const left = chosen === null ? 0 : chosen.length - redriven;
  cli.out.show(
    { redriven, left },
    () =>
      `Put ${count(redriven, "task")} back` +
      (left === 0
        ? ""
        : `; ${left} stayed: a task of the same id waits or runs`),
  );
  return left === 0 ? ExitCode.Ok : ExitCode.Failure;
}

async function purge(
  cli: Cli,
  keys: readonly string[],
  flags: PickFlags,
): Promise<number> {
  checkPick(keys, flags, "purge");
  const letters = await deadLettersOf(cli);
  const chosen = flags.all === true ? null : await keysOf(letters, keys);
  const what = chosen === null
    ? "This drops all dead letters for good"
    : `This drops ${count(chosen.length, "dead letter")} for good`;
  if (!confirmed(cli, what, flags.force ?? false)) return ExitCode.Failure;
  const purged = await letters.purge(chosen);
  cli.out.show({ purged }, () => `Dropped ${count(purged, "dead letter")}`);
  return ExitCode.Ok;
}

function checkPick(
  keys: readonly string[],
  { all }: PickFlags,
  verb: string,
): void {
  if ((keys.length > 0) !== (all === true)) return;
  throw new UsageError(
    all === true
      ? "Give either keys or --all, not both"
      : `Say which dead letters to ${verb}: keys or task ids (lovage dead list shows them), or --all`,
  );
}

async function keysOf(
  letters: DeadLetters,
  wanted: readonly string[],
): Promise<readonly string[]> {
  const found = await pick(letters, wanted);
  const missing = wanted.filter((name) =>
    !found.some(({ key, id }) => key === name || id === name)
  );
  if (missing.length > 0) throw notFound(missing);
  return found.map(({ key }) => key);
}

/** The letters of these keys and task ids. */
async function pick(
  letters: DeadLetters,
  wanted: readonly string[],
): Promise<readonly DeadLetter[]> {
  const names = new Set(wanted);
  const found: DeadLetter[] = [];
  for await (const letter of each(letters)) {
    if (names.has(letter.key) || names.has(letter.id)) found.push(letter);
  }
  return found;
}

function notFound(names: readonly string[]): CliError {
  return new CliError(
    `No dead letter has the key or task id ${
      names.join(", ")
    }; nothing was done. lovage dead list shows them`,
    ExitCode.Failure,
  );
}

function report(letter: DeadLetter): Readonly<Record<string, unknown>> {
  const { key, id, task, queue, priority, reason, detail, losses } = letter;
  const diedAt = new Date(letter.diedAt).toISOString();
  return { key, id, task, queue, priority, reason, detail, losses, diedAt };
}
