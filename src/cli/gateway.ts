/**
 * `lovage gateway`: serves the gateway until it is told to stop.
 *
 * @module
 */

import type { Command } from "commander";
import { gateway } from "../gateway/gateway.ts";
import type { GatewayOptions, GatewayToken } from "../gateway/options.ts";
import { readText } from "../runtime/files.ts";
import { environment } from "../runtime/process.ts";
import { checkShared, namedAppOrStore } from "./app.ts";
import type { Cli } from "./cli.ts";
import { UsageError } from "./errors.ts";
import { integer, names } from "./parse.ts";
import { listen, serveUntilStopped } from "./serving.ts";

interface GatewayFlags {
  readonly port: number;
  readonly address: string;
  readonly path: string;
  readonly tokens?: string;
  readonly origin?: readonly string[];
}

const TOKENS = "LOVAGE_GATEWAY_TOKENS";

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  command
    .option("-p, --port <number>", "port", integer("--port", 0, 65_535), 5_556)
    .option("--address <address>", "address to listen on", "127.0.0.1")
    .option("--path <path>", "path that it is served under", "/")
    .option(
      "--tokens <file>",
      `file with the tokens: JSON, [{ "name": …, "token": …, "tasks": ["orders.*"] }] (env: ${TOKENS}, the JSON itself)`,
    )
    .option(
      "--origin <origins>",
      "origins, such as https://shop.example.com, whose pages may call it",
      names("--origin"),
    )
    .action((flags: GatewayFlags) => run(cli, flags));
}

async function run(cli: Cli, flags: GatewayFlags): Promise<void> {
  const options: GatewayOptions = {
    tokens: tokensOf(flags),
    path: flags.path,
    origins: flags.origin,
  };
  const named = await namedAppOrStore(cli);
  const { app, internals } = named;
  const handler = gateway(app, options);
  let served = true;
  try {
    await checkShared(internals);
    served = await serveUntilStopped(cli, {
      internals,
      // What it is for is to be sent to: a new store will do.
      open: () => internals.stores.open(),
      listen: () => listen(flags, handler),
      announce: (url) =>
        announce(cli, internals.name, `${url}${flags.path}`, options),
    });
  } finally {
    // Closing would wait for the store that it was told not to wait for.
    if (served) await app.close();
  }
}

function tokensOf({ tokens: file }: GatewayFlags): readonly GatewayToken[] {
  const text = file === undefined ? environment(TOKENS) : readFile(file);
  if (text === undefined) {
    throw new UsageError(
      `A gateway needs tokens: give --tokens tokens.json, or ${TOKENS}, with [{ "name": "storefront", "token": "…", "tasks": ["orders.*"] }]`,
    );
  }
  const from = file ?? TOKENS;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${from} is not JSON: ${(error as Error).message}`);
  }
  if (Array.isArray(value)) return value;
  throw new UsageError(`${from} must hold a list of tokens`);
}

function readFile(path: string): string {
  try {
    return readText(path);
  } catch (error) {
    throw new UsageError(
      `--tokens ${path} cannot be read: ${(error as Error).message}`,
    );
  }
}

function announce(
  cli: Cli,
  app: string,
  url: string,
  { tokens }: GatewayOptions,
): void {
  const holders = tokens.map(({ name }) => name);
  cli.out.tell(
    { event: "ready", url, app, tokens: holders },
    () =>
      `The gateway of ${app} is at ${url} (tokens: ${
        holders.join(", ")
      }); stop it with Ctrl-C or TERM`,
  );
}
