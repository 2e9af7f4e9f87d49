/**
 * The command line of the benchmark.
 *
 * @module
 */

import { Command, CommanderError } from "commander";
import { UsageError } from "../src/cli/errors.ts";
import { integer, names } from "../src/cli/parse.ts";
import type { StoreName } from "./servers.ts";

/** What can be measured on a server. */
export const MEASURES = [
  "enqueue",
  "drain",
  "latency",
  "canvas",
  "isolate",
  "backlog",
  "presence",
  "idle",
  "beat",
  "events",
  "control",
  "limits",
  "telemetry",
] as const;

/** What Lovage can be measured against. */
export const PEERS = [
  "bullmq",
  "graphile-worker",
  "pg-boss",
  "bullmq-postgres",
  "celery",
] as const;

const STORES: readonly StoreName[] = ["sqlite", "redis", "postgres"];

export type MeasureName = (typeof MEASURES)[number];
export type PeerName = (typeof PEERS)[number];

/** What is to be done. */
export interface BenchOptions {
  readonly stores: readonly StoreName[];
  readonly peers: readonly PeerName[];
  readonly measures: readonly MeasureName[];
  readonly rounds: number;
  /** Whether the counts are small: to see that everything works. */
  readonly quick: boolean;
  /** Where JSON goes: to stdout, to a file, or nowhere. */
  readonly json: boolean | string;
}

interface Flags {
  readonly stores?: readonly string[];
  readonly peers?: readonly string[];
  readonly measures?: readonly string[];
  readonly rounds?: number;
  readonly quick?: boolean;
  readonly json?: boolean | string;
}

/**
 * Reads the command line.
 *
 * @returns `null` when it asked for help, which was printed
 * @throws {UsageError} when it will not do
 */
export function parseOptions(args: readonly string[]): BenchOptions | null {
  const command = newCommand();
  try {
    command.parse([...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return null;
    throw new UsageError(sentence(error));
  }
  const flags = command.opts() as Flags;
  const quick = flags.quick ?? false;
  return {
    quick,
    stores: known("--stores", flags.stores, STORES),
    peers: known("--peers", flags.peers, PEERS),
    measures: known("--measures", flags.measures, MEASURES),
    rounds: flags.rounds ?? (quick ? 1 : 5),
    json: flags.json ?? false,
  };
}

function newCommand(): Command {
  return new Command("deno task bench")
    .description(
      "Measures Lovage and its peers in alternating rounds, on servers that it starts itself",
    )
    .option(
      "--stores <names>",
      `${STORES.join(", ")}; otherwise all`,
      names("--stores"),
    )
    .option(
      "--peers <names>",
      `${PEERS.join(", ")}, or none; otherwise all`,
      names("--peers"),
    )
    .option(
      "--measures <names>",
      `on servers: ${MEASURES.join(", ")}; otherwise all`,
      names("--measures"),
    )
    .option(
      "--rounds <number>",
      "how often everything is measured; otherwise 5",
      integer("--rounds", 1),
    )
    .option("--quick", "small counts and one round, to see that all works")
    .option("--json [file]", "print JSON instead of tables, or write a file")
    .helpOption("-h, --help", "print this help")
    .allowExcessArguments(false)
    .configureOutput({ outputError: () => {} })
    .exitOverride();
}

function known<T extends string>(
  flag: string,
  given: readonly string[] | undefined,
  all: readonly T[],
): readonly T[] {
  if (given === undefined) return all;
  if (flag === "--peers" && given.join() === "none") return [];
  const wrong = given.find((name) => !all.includes(name as T));
  if (wrong !== undefined) {
    throw new UsageError(
      `${flag} must be some of ${all.join(", ")}, but it has "${wrong}"`,
    );
  }
  return all.filter((name) => given.includes(name));
}

/** What commander says, as a sentence. */
function sentence({ message }: CommanderError): string {
  const plain = message.replace(/^error: /, "").replaceAll("\n", " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
