/**
 * Errors of Redis as sentences that say what to do.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";

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
  if (nameOf(error) === "ReplyError") {
    return PASSING.some((code) => text.startsWith(code));
  }
  if (nameOf(error) === "NotCapable") return false;
  const lasting = LASTING.test(text) || LASTING.test(codeOf(error));
  return !lasting && !isTlsTrouble(error);
}

/** Whether the connection should be given up for another one. */
export function isWrongServer(error: unknown): boolean {
  if (error instanceof SilenceError) return true;
  return ELSEWHERE.some((code) => messageOf(error).startsWith(code));
}

/** The error as one that a person can act on. */
export function explain(error: unknown, address: string): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError(sentence(error, address), { cause: error });
}

function sentence(error: unknown, address: string): string {
  const text = messageOf(error).replace(/ ?script: [0-9a-f]{40}.*$/s, "");
  const known = REPLIES.find(([pattern]) => pattern.test(text));
  if (known !== undefined) return known[1](address, text);
  if (error instanceof SilenceError) {
    return `The Redis store ${address} does not answer: look whether the ` +
      "server is overloaded or paused, or the network is cut";
  }
  if (nameOf(error) === "NotCapable") {
    return `Deno may not use the Redis store ${address}: run with ` +
      "--allow-net and --allow-env";
  }
  if (isTlsTrouble(error)) {
    return `The Redis store ${address} cannot be trusted (${text}): give ` +
      "its certificate authority as `tls.ca`, or correct the host name";
  }
  const code = codeOf(error);
  if (/ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN/.test(code)) {
    return `The Redis store ${address} cannot be reached (${code}): start ` +
      "the server or correct host and port";
  }
  if (/ECONNRESET|EPIPE|ETIMEDOUT|closed/i.test(`${code} ${text}`)) {
    return `The Redis store ${address} closes connections or does not ` +
      `answer${code === "" ? "" : ` (${code})`}: look whether the server ` +
      "runs, and whether it wants TLS (rediss://) or does not (redis://)";
  }
  return `The Redis store ${address} answered: ${text}`;
}

type Sentence = (address: string, text: string) => string;

/** What a server says, and what that means. */
const REPLIES: readonly (readonly [RegExp, Sentence])[] = [
  [
    /^WRONGPASS|invalid (username-)?password/,
    (address) =>
      `The Redis store ${address} refuses the user name or the password: ` +
      "correct them in the URL",
  ],
  [
    /^NOAUTH|Authentication required/,
    (address) =>
      `The Redis store ${address} wants a password: write it into the URL, ` +
      "redis://:password@host or redis://user:password@host",
  ],
  [
    /without any password configured/,
    (address) =>
      `The Redis store ${address} has no password: take it out of the URL`,
  ],
  [
    /^NOPERM/,
    (address, text) =>
      `The Redis user of ${address} lacks a right: grant it "~<prefix>*", ` +
      `"&<prefix>*" and the commands that are missing (${
        text.replace(/^NOPERM /, "")
      })`,
  ],
  [
    /^READONLY/,
    (address) =>
      `The Redis store ${address} is a read-only replica: give the address of ` +
      "its master, or of the sentinels (redis+sentinel://)",
  ],
  [
    /^OOM/,
    (address) =>
      `The Redis store ${address} is full: nothing of the last call was ` +
      "stored; raise `maxmemory` or let results expire sooner",
  ],
  [
    /^MISCONF/,
    (address) =>
      `The Redis store ${address} cannot save to its disk and so refuses ` +
      "writes: make room on the disk, or look into the log of the server",
  ],
  [
    /DB index is out of range|invalid DB index/,
    (address) =>
      `The Redis store ${address} has no database of this number: take a ` +
      "smaller one (0 to 15 by default)",
  ],
  [
    /^CLUSTERDOWN/,
    (address) =>
      `The Redis Cluster ${address} is down, a part of its slots is not ` +
      "served: start the nodes that are missing",
  ],
  [
    /^(MOVED|ASK|CROSSSLOT)/,
    (address) =>
      `${address} is a node of a Redis Cluster: write redis+cluster://host:port`,
  ],
  [
    /Failed to refresh slots cache|cluster support disabled/,
    (address) =>
      `${address} cannot be used as a Redis Cluster: correct the hosts, or ` +
      "write redis:// for a single server",
  ],
  [
    /sentinels? (are|is) unreachable|ENOSENTINEL/i,
    (address) =>
      `No sentinel of ${address} knows a master that can be reached: correct ` +
      "the hosts and the name, or wait for the failover to end",
  ],
  [
    /^WRONGTYPE/,
    (address) =>
      `A key of the Redis store ${address} is of another kind than Lovage's: ` +
      "take another `prefix`, or remove what is there",
  ],
  [
    /^LOADING/,
    (address) =>
      `The Redis store ${address} is still loading its data: wait for it`,
  ],
  [
    /^BUSY/,
    (address) =>
      `The Redis store ${address} is kept busy by a script: end it with ` +
      "SCRIPT KILL",
  ],
  [
    /unknown command/i,
    (address, text) =>
      `The Redis store ${address} lacks a command (${text}): Lovage needs ` +
      "Redis 6.2 or newer, or Valkey",
  ],
  [
    /WRONG_VERSION_NUMBER|wrong version number|packet length too long/i,
    (address) =>
      `The Redis store ${address} does not speak TLS on this port: write ` +
      "redis:// instead of rediss://, or give the TLS port",
  ],
];

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
