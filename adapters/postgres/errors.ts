/**
 * Errors of PostgreSQL and of its driver as sentences that say what to do.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import { bareError } from "../_net/bare_error.ts";

/** What an error means for the connection and for the call. */
export interface Diagnosis {
  /** Nothing more may be sent over this connection. */
  readonly lost: boolean;
  /** The same statement may succeed if it is sent again. */
  readonly retry: boolean;
}

/** Serialization failure, deadlock, lock not available. */
const CONFLICTS = new Set(["40001", "40P01", "55P03"]);
/** Terminated, crashed, starting up; too many connections. */
const AWAY = new Set(["57P01", "57P02", "57P03", "53300"]);

/** Says what can be done after an error. */
export function diagnose(error: unknown): Diagnosis {
  if (error instanceof StoreError) return { lost: false, retry: false };
  const { name, code, message, severity } = partsOf(error);
  if (name === "NotCapable") return { lost: true, retry: false };
  // What does not come from the server comes from a connection that is gone
  // or confused. One that was refused for what it is will be refused again.
  if (name !== "PostgresError") return { lost: true, retry: isNetwork(code) };
  if (isRefusedByPooler(code, message)) return { lost: true, retry: false };
  const lost = severity === "FATAL" || severity === "PANIC" ||
    AWAY.has(code) || code.startsWith("08");
  return {
    lost,
    retry: CONFLICTS.has(code) || AWAY.has(code) || code.startsWith("08"),
  };
}

/** Whether another transaction was in the way. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(partsOf(error).code);
}

/**
 * Whether the statement may have been committed: it was sent, and the server
 * did not say that it failed.
 */
export function mayBeDone(error: unknown): boolean {
  const { name, code, message } = partsOf(error);
  if (error instanceof StoreError || name === "NotCapable") return false;
  if (isUntrusted(code, message) || isRefusedByPooler(code, message)) {
    return false;
  }
  if (name !== "PostgresError") {
    return !UNREACHABLE.has(code) && code !== "CONNECT_TIMEOUT";
  }
  return code === "57P01" || code === "57P02" || code.startsWith("08");
}

/** Whether the server could not prove who it is. */
function isUntrusted(code: string, message: string): boolean {
  return /certificate|altname/i.test(`${code} ${message}`);
}

/** PgBouncer has one code for all that it does not like. */
function isRefusedByPooler(code: string, message: string): boolean {
  return code === "08P01" && /no such|unsupported|not allowed/.test(message);
}

/** Whether a connection was never made, as nobody answered. */
export function isSilent(error: unknown): boolean {
  return partsOf(error).code === "CONNECT_TIMEOUT";
}

/** Whether something listens, but nothing tells what. */
export function isUnclear(error: unknown): boolean {
  if (!(error instanceof StoreError) || !error.transient) return false;
  const { name, code } = partsOf(error.cause);
  return name !== "PostgresError" && !UNREACHABLE.has(code);
}

/** Nobody listens there, or nobody is let through. */
const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** Whether the server was never reached, or hung up. */
function isNetwork(code: string): boolean {
  return code.startsWith("CONN") || code.startsWith("E") || code === "";
}

/**
 * The error as one that a person can act on.
 *
 * @param inDoubt whether the call may have been carried out
 */
export function explain(
  error: unknown,
  address: string,
  schema: string,
  inDoubt = false,
): StoreError {
  if (error instanceof StoreError) return error;
  const parts = partsOf(error);
  const { retry } = diagnose(error);
  const said = sentence(parts, address, schema);
  return new StoreError(
    inDoubt ? `${said}; the call may have been done all the same` : said,
    {
      cause: causeOf(parts),
      transient: retry || TRANSIENT.has(parts.code),
      inDoubt,
    },
  );
}

/** Out of resources, read-only for now (a failover), cancelled, late. */
const TRANSIENT = new Set(["53100", "53200", "25006", "57014", "TIMEOUT"]);

interface Parts {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly severity: string;
}

function sentence(parts: Parts, address: string, schema: string): string {
  const { code, message } = parts;
  const at = `the PostgreSQL store ${address}`;
  const The = `The PostgreSQL store ${address}`;
  switch (code) {
    case "28000":
    case "28P01":
      if (/pg_hba\.conf|client certificate/.test(message)) break;
      return `${The} refuses this user or password (${message}): correct ` +
        "them in the URL";
    case "3D000":
      return `There is no such database at ${at}: create it with CREATE ` +
        "DATABASE, or name another in the URL";
    case "42501":
      return `The user of ${at} lacks a right (${message}): run ` +
        "`lovage migrate` as one that may create in the database, and grant " +
        `this one the rights on all that lies in the schema "${schema}"`;
    case "25006":
      return `${The} is read-only, a replica or a database set so: give the ` +
        "address of the primary";
    case "53300":
      return `${The} has no connection left (${message}): lower \`max\`, or ` +
        "raise max_connections of the server";
    case "53100":
      return `The disk of ${at} is full: nothing of the last call was ` +
        "stored; make room and call again";
    case "42P01":
    case "3F000":
    case "42703":
      return `The schema "${schema}" of ${at} lacks what this version needs ` +
        `(${message}): migrate it, with \`migrate: true\` or \`lovage migrate\``;
    case "57P01":
    case "57P02":
    case "57P03":
      return `${The} is being stopped or started: call again in a moment`;
    case "ECONNREFUSED":
      return `Nobody listens at ${at}: start the server, or correct host and ` +
        "port in the URL";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The host of ${at} has no address: correct its name in the URL`;
    case "ENOENT":
      return `There is no socket for ${at}: start the server, or correct the ` +
        "path in the URL";
    case "CONNECT_TIMEOUT":
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `${The} cannot be reached: see whether the network and its ` +
        "firewalls let this host through";
    case "TIMEOUT":
      return `${The} has not answered in time (${message}): see whether it ` +
        "is overloaded or paused";
    case "ECONNRESET":
    case "EPIPE":
    case "CONNECTION_CLOSED":
    case "CONNECTION_ENDED":
    case "CONNECTION_DESTROYED":
      return `The connection to ${at} was lost: call again when the server ` +
        "is back (if it never works, see whether it expects TLS, or none)";
  }
  if (parts.name === "NotCapable") {
    return `Deno may not reach ${at}: run with --allow-net for its host and ` +
      "with --allow-env";
  }
  return bySaying(message, code, The) ?? `${The} answered: ${message}`;
}

/** Where the code alone does not tell. */
function bySaying(message: string, code: string, The: string): string | null {
  if (/pg_hba\.conf/.test(message)) {
    return `${The} does not let this user in from here (${message}): add a ` +
      "line to its pg_hba.conf, or ask for TLS by ?sslmode=require";
  }
  if (/client certificate/.test(message)) {
    return `${The} wants a certificate of the client (${message}): name one ` +
      "in the URL, ?sslmode=verify-full&sslcert=…&sslkey=…";
  }
  if (/unrecognized configuration parameter "tls"/.test(message)) {
    return `${The} does not take this (${message}): write ?sslmode=require ` +
      "in its place";
  }
  if (/unrecognized configuration parameter/.test(message)) {
    return `${The} does not take this (${message}): take the parameter out ` +
      "of the URL";
  }
  if (/unsupported startup parameter/.test(message)) {
    return `${The} is behind a pooler that has no sessions (${message}): ` +
      "write ?listen=false into the URL, or `listen: false`";
  }
  if (isUntrusted(code, message)) {
    return `${The} cannot be trusted (${message}): give its certificate ` +
      "authority, ?sslrootcert=/path/to/ca.pem in the URL, or correct the " +
      "host name";
  }
  return null;
}

function partsOf(error: unknown): Parts {
  const { name, message, code, severity, severity_local } = (
    typeof error === "object" && error !== null ? error : { message: error }
  ) as Readonly<Record<string, unknown>>;
  return {
    name: textOf(name),
    message: textOf(message).split("\n", 1)[0] ?? "",
    code: textOf(code),
    severity: textOf(severity ?? severity_local),
  };
}

function textOf(value: unknown): string {
  return value === undefined ? "" : String(value);
}

function causeOf({ name, message, code }: Parts): Error {
  return bareError(
    name,
    code === "" ? message : `${message} (${code})`,
    code,
  );
}
