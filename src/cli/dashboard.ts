/**
 * `lovage dashboard`: serves the dashboard until it is told to stop.
 *
 * @module
 */

import type { Command } from "commander";
import { dashboard } from "../dashboard/dashboard.ts";
import type { DashboardOptions } from "../dashboard/options.ts";
import { environment } from "../runtime/process.ts";
import { type CliApp, namedAppOrStore, openExisting } from "./app.ts";
import type { Cli } from "./cli.ts";
import { UsageError } from "./errors.ts";
import { listen, serveUntilStopped } from "./serving.ts";
import { integer, names } from "./parse.ts";

interface DashboardFlags {
  readonly port: number;
  readonly address: string;
  readonly basicAuth?: readonly string[];
  readonly urlPrefix: string;
  readonly readOnly?: boolean;
  readonly unauthenticated?: boolean;
  readonly host?: readonly string[];
  readonly trustedOrigin?: readonly string[];
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;
const PASSWORDS = "LOVAGE_DASHBOARD_BASIC_AUTH";

/** Defines the command. */
export function define(command: Command, cli: Cli): void {
  command
    .option("-p, --port <number>", "port", integer("--port", 0, 65_535), 5_555)
    .option("--address <address>", "address to listen on", "127.0.0.1")
    .option(
      "--basic-auth <user:password>",
      `ask for these; may be given several times (env: ${PASSWORDS}, several separated by commas, which others on this machine do not see)`,
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option("--url-prefix <path>", "path under which a proxy shows it", "")
    .option("--read-only", "refuse every action")
    .option(
      "--unauthenticated",
      "let everybody in who reaches it, also from other machines",
    )
    .option(
      "--host <names>",
      "names under which it answers; by default, without a password, only those of this machine",
      names("--host"),
    )
    .option(
      "--trusted-origin <origins>",
      "origins, such as https://ops.example.com, whose pages may act: for proxies that change the Host",
      names("--trusted-origin"),
    )
    .action((flags: DashboardFlags) => run(cli, flags));
}

async function run(cli: Cli, flags: DashboardFlags): Promise<void> {
  const options = optionsOf(flags);
  const named = await namedAppOrStore(cli);
  const handler = dashboard(named.app, options);
  let served = true;
  try {
    served = await serveUntilStopped(cli, {
      internals: named.internals,
      open: () => openExisting(named),
      listen: () => listen(flags, handler),
      announce: (url) => announce(cli, named, url, options),
      // Live streams end first.
      end: () => handler.close(),
    });
  } finally {
    await handler.close();
    // Closing would wait for the store that it was told not to wait for.
    if (served) await named.app.close();
  }
}

function optionsOf(flags: DashboardFlags): DashboardOptions {
  const { address, host, trustedOrigin } = flags;
  const basicAuth = passwordsOf(flags);
  const isLocal = LOOPBACK.test(address);
  const { unauthenticated = false } = flags;
  if (basicAuth === undefined && !isLocal && !unauthenticated) {
    throw new UsageError(
      `Without a password the dashboard listens on this machine only, but --address is "${address}": give --basic-auth user:password (or ${PASSWORDS}), or --unauthenticated to let everybody in who reaches it`,
    );
  }
  if (basicAuth !== undefined && unauthenticated) {
    throw new UsageError(
      "Give either passwords (--basic-auth) or --unauthenticated, not both",
    );
  }
  // A page elsewhere may reach this machine by a name of its own.
  const local = basicAuth === undefined && !unauthenticated
    ? ["localhost", "127.0.0.1", "[::1]", address]
    : undefined;
  return {
    ...(basicAuth === undefined ? { unauthenticated: true } : { basicAuth }),
    urlPrefix: flags.urlPrefix,
    readOnly: flags.readOnly ?? false,
    hosts: host ?? local,
    trustedOrigins: trustedOrigin ?? [],
  };
}

function passwordsOf(
  { basicAuth }: DashboardFlags,
): Readonly<Record<string, string>> | undefined {
  const given = basicAuth ?? environment(PASSWORDS)?.split(",");
  if (given === undefined) return undefined;
  return Object.fromEntries(given.map((each) => {
    const at = each.indexOf(":");
    if (at > 0 && at < each.length - 1) {
      return [each.slice(0, at), each.slice(at + 1)];
    }
    throw new UsageError(
      `${
        basicAuth === undefined ? PASSWORDS : "--basic-auth"
      } must be user:password, neither of them empty`,
    );
  }));
}

function announce(
  cli: Cli,
  { internals }: CliApp,
  url: string,
  { basicAuth, urlPrefix = "", readOnly }: DashboardOptions,
): void {
  const prefix = urlPrefix.replace(/^\/*|\/*$/g, "");
  const address = prefix === "" ? `${url}/` : `${url}/${prefix}/`;
  const facts = {
    event: "ready",
    url: address,
    app: internals.name,
    users: Object.keys(basicAuth ?? {}),
    readOnly: readOnly ?? false,
  };
  const who = basicAuth === undefined ? "without a password" : "by password";
  cli.out.tell(
    facts,
    () =>
      `The dashboard of ${internals.name} is at ${address} (${who}${
        readOnly ? ", read-only" : ""
      }); stop it with Ctrl-C or TERM`,
  );
}
