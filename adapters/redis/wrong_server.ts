/**
 * Why a store could not be opened although something listens: another
 * program does, or TLS is expected by one side only.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import { type Speaker, whoAnswers } from "../_net/who_answers.ts";
import type { DriverFactory } from "./driver.ts";
import { isCrowded, isProtected, isUnclear } from "./errors.ts";

/**
 * A clearer error than one that tells only that there was no conversation, or
 * the error itself.
 */
export async function clarify(
  error: unknown,
  { server, address }: DriverFactory,
): Promise<unknown> {
  if (server === null || !isUnclear(error)) return error;
  const { host, port, tls } = server;
  const speaker = await whoAnswers(host, port);
  const answer = sentence(speaker, tls, address);
  if (answer === null) return error;
  const transient = speaker === "crowded redis";
  return new StoreError(answer, { cause: error, transient });
}

function sentence(
  speaker: Speaker,
  tls: boolean,
  address: string,
): string | null {
  switch (speaker) {
    case "redis":
      return tls
        ? `The Redis store ${address} does not speak TLS on this port: write ` +
          "redis:// instead of rediss://, or give the TLS port"
        : null;
    case "crowded redis":
      return isCrowded(address);
    case "protected redis":
      return isProtected(address);
    case "tls":
      return tls
        ? null
        : `The Redis store ${address} wants TLS on this port: ` +
          "write rediss:// instead of redis://, or give another port";
    case "postgres":
    case "postgres with tls":
      return `What listens at ${address} is PostgreSQL, not Redis: correct ` +
        "the port, or write postgres://";
    case "http":
      return `What listens at ${address} is a web server, not Redis: correct ` +
        "host and port";
    default:
      return null;
  }
}
