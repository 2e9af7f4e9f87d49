/**
 * Why a store could not be opened although something listens: another
 * program does, or TLS is expected by one side only.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import { type Speaker, whoAnswers } from "../_net/who_answers.ts";
import type { Client } from "./client.ts";
import { isUnclear } from "./errors.ts";

/**
 * A clearer error than one that tells only that there was no conversation, or
 * the error itself.
 */
export async function clarify(
  error: unknown,
  { server, address }: Client,
): Promise<unknown> {
  if (server === null || !isUnclear(error)) return error;
  const { host, port, tls } = server;
  const answer = sentence(await whoAnswers(host, port), tls, address);
  if (answer === null) return error;
  return new StoreError(answer, { cause: error, transient: false });
}

function sentence(
  speaker: Speaker,
  tls: boolean,
  address: string,
): string | null {
  const other = (name: string) =>
    `What listens at ${address} is ${name}, not PostgreSQL: correct host and ` +
    "port";
  switch (speaker) {
    case "postgres":
      return tls
        ? `The PostgreSQL store ${address} offers no TLS: take \`sslmode\` ` +
          "out of the URL, or set `ssl = on` at the server"
        : null;
    case "redis":
    case "crowded redis":
    case "protected redis":
      return `${other("Redis")}, or write redis://`;
    case "http":
      return other("a web server");
    case "tls":
      return other("another program behind TLS");
    default:
      return null;
  }
}
