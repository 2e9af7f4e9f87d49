/**
 * Errors of Redis as sentences that say what to do.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import { bareError } from "../_net/bare_error.ts";

/** A try that got no answer in time. */
export class SilenceError extends Error {
  /** The name of the class. */
  override readonly name = "SilenceError";
}

/** A connection that was lost, or could not be made. */
export class ConnectionError extends Error {
  /** The name of the class. */
  override readonly name = "ConnectionError";
}

/** Answers that may be other ones a moment later. */
const PASSING = [
  "LOADING",
  "MASTERDOWN",
  "CLUSTERDOWN",
  "TRYAGAIN",
  "READONLY",
  "BUSY",
  "NOREPLICAS",
  "UNKILLABLE",
  "ERR max number of clients",
];
/** Answers of a server that should not be spoken to any longer. */
const ELSEWHERE = ["READONLY", "MASTERDOWN"];
/** Failures to connect that trying again does not heal. */
const LASTING =
  /^(WRONGPASS|NOAUTH|NOPERM|ERR |DENIED|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|CERT_|ERR_TLS|ERR_SSL)/;

/** Whether trying again may help. */
export function isPassing(error: unknown): boolean {
  if (error instanceof StoreError) return false;
  const text = messageOf(error);
  if (error instanceof SilenceError) return true;
  if (isReply(error)) {
    return PASSING.some((code) => text.startsWith(code));
  }
  if (nameOf(error) === "NotCapable") return false;
  const lasting = LASTING.test(text) || LASTING.test(codeOf(error));
  return !lasting && !isTlsTrouble(error);
}

/** Whether the server itself said so. */
export function isReply(error: unknown): boolean {
  return nameOf(error) === "ReplyError";
}

/** Whether the connection should be given up for another one. */
export function isWrongServer(error: unknown): boolean {
  if (error instanceof SilenceError) return true;
  return ELSEWHERE.some((code) => messageOf(error).startsWith(code));
}

/**
 * The error as one that a person can act on.
 *
 * @param inDoubt whether the call may have been carried out
 */
export function explain(
  error: unknown,
  address: string,
  inDoubt = false,
): StoreError {
  if (error instanceof StoreError) return error;
  const text = messageOf(error).replace(/ ?script: [0-9a-f]{40}.*$/s, "");
  const known = REPLIES.find(({ pattern }) => pattern.test(text));
  const misused = known?.misuse ?? isMisuse(error);
  const said = known?.sentence(address, text) ??
    sentence(error, address, text);
  return new StoreError(
    inDoubt ? `${said}; the call may have been carried out` : said,
    {
      cause: bareError(nameOf(error), messageOf(error), codeOf(error)),
      transient: !misused,
      inDoubt,
    },
  );
}

/** Nobody listens there, or nobody is let through. */
const UNREACHABLE = /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN/;

/** Whether something listens, but nothing tells what. */
export function isUnclear(error: unknown): boolean {
  if (!(error instanceof StoreError) || !error.transient) return false;
  const { cause } = error;
  return cause !== undefined && !isReply(cause) &&
    !UNREACHABLE.test(codeOf(cause));
}

/** Whether it is like this for as long as nobody changes something. */
function isMisuse(error: unknown): boolean {
  return nameOf(error) === "NotCapable" || isTlsTrouble(error);
}

function sentence(error: unknown, address: string, text: string): string {
  if (error instanceof SilenceError) {
    const where = address.startsWith("redis+cluster:")
      ? "all slots are served (redis-cli --cluster check), and whether a node"
      : "the server";
    return `The Redis store ${address} does not answer: look whether ` +
      `${where} is overloaded or paused, or the network is cut`;
  }
  if (nameOf(error) === "NotCapable") {
    return `Deno may not use the Redis store ${address}: run with ` +
      "--allow-net and --allow-env";
  }
  if (isTlsTrouble(error)) {
    return `The Redis store ${address} cannot be trusted (${text}): give ` +
      "its certificate authority, ?ca=/path/to/ca.pem in the URL, or correct " +
      "the host name";
  }
  const code = codeOf(error);
  if (UNREACHABLE.test(code) && address.startsWith("redis+sentinel:")) {
    return `The master that the sentinels of ${address} name cannot be ` +
      `reached (${code}): wait for the failover to end, or start a server`;
  }
  if (UNREACHABLE.test(code)) {
    return `The Redis store ${address} cannot be reached (${code}): start ` +
      "the server or correct host and port";
  }
  if (/ECONNRESET|EPIPE|ETIMEDOUT|closed/i.test(`${code} ${text}`)) {
    const wants = /^rediss:|[?&]tls=true/.test(address)
      ? "a certificate of the client (?cert=…&key=…) or no TLS (redis://)"
      : "TLS (rediss://)";
    return `The Redis store ${address} closes connections or does not ` +
      `answer${code === "" ? "" : ` (${code})`}: look whether the server ` +
      `runs, and whether it wants ${wants}`;
  }
  return `The Redis store ${address} answered: ${text}`;
}

/** A server that hangs up at once; what it said may be lost by that. */
export function isCrowded(address: string): string {
  return `The Redis store ${address} has no connection left: raise ` +
    "maxclients of the server, or run fewer processes";
}

/** The same, for all but its own machine. */
export function isProtected(address: string): string {
  return `The Redis store ${address} is in protected mode and answers its ` +
    "own machine only: give it a password (requirepass), or set " +
    "`protected-mode no`";
}

/** What a server says, and what that means. */
interface Reply {
  readonly pattern: RegExp;
  /** It is like this for as long as nobody changes something. */
  readonly misuse?: true;
  readonly sentence: (address: string, text: string) => string;
}

const REPLIES: readonly Reply[] = [
  {
    pattern: /^WRONGPASS|invalid (username-)?password/,
    misuse: true,
    sentence: (address) =>
      `The Redis store ${address} refuses the user name or the password: ` +
      "correct them in the URL",
  },
  {
    pattern: /^NOAUTH|Authentication required/,
    misuse: true,
    sentence: (address) =>
      `The Redis store ${address} wants a password: write it into the URL, ` +
      "redis://:password@host or redis://user:password@host",
  },
  {
    pattern: /without any password configured/,
    misuse: true,
    sentence: (address) =>
      `The Redis store ${address} has no password: take it out of the URL`,
  },
  {
    pattern: /^NOPERM/,
    misuse: true,
    sentence: (address, text) =>
      `The Redis user of ${address} lacks a right (${
        text.replace(/^NOPERM /, "")
      }): grant it ${rightsAt(address)} (or another \`prefix\`) and ` +
      "+@all -@admin -@dangerous +info",
  },
  {
    pattern: /^READONLY/,
    sentence: (address) =>
      `The Redis store ${address} is a read-only replica: give the address of ` +
      "its master, or of the sentinels (redis+sentinel://)",
  },
  {
    pattern: /^NOREPLICAS/,
    sentence: (address) =>
      `The Redis store ${address} has fewer replicas in reach than its ` +
      "`min-replicas-to-write` asks for, and so refuses writes: start them, " +
      "or wait for the failover to end",
  },
  {
    pattern: /^OOM/,
    sentence: (address) =>
      `The Redis store ${address} is full: nothing of the last call was ` +
      "stored; raise `maxmemory` or let results expire sooner",
  },
  {
    pattern: /^MISCONF/,
    sentence: (address) =>
      `The Redis store ${address} cannot save to its disk and so refuses ` +
      "writes: make room on the disk, or look into the log of the server",
  },
  {
    pattern: /DB index is out of range|invalid DB index/,
    misuse: true,
    sentence: (address) =>
      `The Redis store ${address} has no database of this number: take a ` +
      "smaller one (0 to 15 by default)",
  },
  {
    pattern: /^CLUSTERDOWN/,
    sentence: (address) =>
      `The Redis Cluster ${address} is down, a part of its slots is not ` +
      "served: start the nodes that are missing",
  },
  {
    pattern: /^(MOVED|ASK|CROSSSLOT)/,
    misuse: true,
    sentence: (address) =>
      `${address} is a node of a Redis Cluster: write redis+cluster://host:port`,
  },
  {
    pattern: /cluster support disabled/,
    misuse: true,
    sentence: (address) =>
      `${address} is no node of a Redis Cluster: write redis:// for a single ` +
      "server, or correct the hosts",
  },
  {
    pattern: /Failed to refresh slots cache/,
    sentence: (address) =>
      `No node of the Redis Cluster ${address} answers: start the nodes, or ` +
      "correct the hosts",
  },
  {
    pattern: /^DENIED/,
    misuse: true,
    sentence: isProtected,
  },
  {
    pattern: /max number of clients/,
    sentence: isCrowded,
  },
  {
    pattern: /^Protocol error, got|Unknown RESP type/,
    misuse: true,
    sentence: (address) =>
      `What listens at ${address} is not Redis: correct host and port`,
  },
  {
    pattern: /sentinels? (are|is) unreachable|ENOSENTINEL/i,
    sentence: (address) =>
      `No sentinel of ${address} knows a master that can be reached: correct ` +
      "the hosts and the name, or wait for the failover to end",
  },
  {
    pattern: /^WRONGTYPE/,
    misuse: true,
    sentence: (address) =>
      `A key of the Redis store ${address} is of another kind than Lovage's: ` +
      "take another `prefix`, or remove what is there",
  },
  {
    pattern: /^LOADING/,
    sentence: (address) =>
      `The Redis store ${address} is still loading its data: wait for it`,
  },
  {
    pattern: /^BUSY/,
    sentence: (address) =>
      `The Redis store ${address} is kept busy by a script: end it with ` +
      "SCRIPT KILL",
  },
  {
    pattern: /unknown command/i,
    misuse: true,
    sentence: (address, text) =>
      `The Redis store ${address} lacks a command (${text}): Lovage needs ` +
      "Redis 6.2 or newer, or Valkey",
  },
  {
    pattern:
      /WRONG_VERSION_NUMBER|wrong version number|packet length too long/i,
    misuse: true,
    sentence: (address) =>
      `The Redis store ${address} does not speak TLS on this port: write ` +
      "redis:// instead of rediss://, or give the TLS port",
  },
];

/** The patterns of keys and channels; in a cluster most bear a hash tag. */
function rightsAt(address: string): string {
  const rights = '"~lovage:*", "&lovage:*"';
  return address.startsWith("redis+cluster:")
    ? `${rights}, "~{lovage:*", "&{lovage:*"`
    : rights;
}

function isTlsTrouble(error: unknown): boolean {
  const text = `${codeOf(error)} ${messageOf(error)}`;
  return /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALTNAME|UnknownIssuer/
    .test(text);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}
