/**
 * What a `postgres://` URL says to the store itself:
 * `postgres://user@host/app?schema=jobs&listen=false`. The rest is the
 * driver's.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import type { PostgresStoreOptions } from "./options.ts";
import { isTlsParameter, readUrlTls, type UrlTls } from "./tls.ts";

/** The options of the store that can stand in a URL. */
export type UrlOptions = Pick<
  PostgresStoreOptions,
  "schema" | "migrate" | "listen" | "prepare" | "max"
>;

/** A URL, taken apart. */
export interface PostgresUrl {
  /** What the driver is given. */
  readonly url: string;
  /** What the store is told. */
  readonly options: UrlOptions;
  /** What it says of certificates. */
  readonly tls: UrlTls | undefined;
  /** Whether it names several servers, of which one is the primary. */
  readonly hasManyHosts: boolean;
  /** The server, where it names one by host and port. */
  readonly server: SingleServer | null;
}

/** Where one server is. */
export interface SingleServer {
  readonly host: string;
  readonly port: number;
  /** Whether nothing but TLS is to be spoken. */
  readonly tls: boolean;
}

const READERS: {
  readonly [Name in keyof Required<UrlOptions>]: (
    text: string,
    name: string,
  ) => UrlOptions[Name];
} = {
  schema: (text) => text,
  migrate: readBoolean,
  listen: readBoolean,
  prepare: readBoolean,
  max: Number,
};

const EXAMPLE = "postgres://user:password@localhost:5432/app";

/**
 * Reads the URL of a store.
 *
 * @throws {StoreError} for what is no such URL, or a value that cannot be
 * meant
 */
export function readUrl(given: string): PostgresUrl {
  const [, hosts = ""] = /^[^?#]*:\/\/(?:[^?#]*@)?([^/?#]*)/.exec(given) ?? [];
  checkUrl(given, hosts);
  const [base = "", query = ""] = splitQuery(given);
  const options: Record<string, unknown> = {};
  const others: string[] = [];
  const parameters = new Map<string, string>();
  for (const part of query.split("&")) {
    const [[name, value] = ["", ""]] = new URLSearchParams(part);
    if (isOwn(name)) options[name] = READERS[name](value, name);
    else if (part !== "") {
      parameters.set(name, value);
      if (!isTlsParameter(name)) others.push(part);
    }
  }
  return {
    url: others.length === 0 ? base : `${base}?${others.join("&")}`,
    options,
    tls: readUrlTls(
      parameters,
      (sentence) => misuse(`${sentence} (in the URL of a PostgreSQL store)`),
    ),
    hasManyHosts: hosts.includes(","),
    server: serverOf(given, hosts),
  };
}

function serverOf(url: string, hosts: string): SingleServer | null {
  // An empty host, or one with a path in it, is a socket of this machine.
  if (hosts === "" || /,|%2f/i.test(hosts)) return null;
  const { hostname, port, searchParams } = new URL(url);
  const tls = searchParams.get("sslmode") ?? searchParams.get("ssl");
  return {
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || 5432),
    tls: tls !== null && !/^(disable|allow|prefer|false)$/.test(tls),
  };
}

function splitQuery(url: string): readonly string[] {
  const at = url.indexOf("?");
  return at < 0 ? [url] : [url.slice(0, at), url.slice(at + 1)];
}

function isOwn(name: string): name is keyof UrlOptions {
  return Object.hasOwn(READERS, name);
}

function checkUrl(url: string, hosts: string): void {
  // Several hosts, apart by commas, are no URL; the first stands for all.
  const [first = ""] = hosts.split(",");
  const plain = typeof url === "string" ? url.replace(hosts, first) : "";
  if (!URL.canParse(plain)) {
    throw misuse(
      "The `url` of a PostgreSQL store cannot be read: give one such as " +
        EXAMPLE,
    );
  }
  const { protocol } = new URL(plain);
  if (protocol !== "postgres:" && protocol !== "postgresql:") {
    throw misuse(
      `The \`url\` of a PostgreSQL store has the scheme "postgres", not ` +
        `"${protocol.slice(0, -1)}": give one such as ${EXAMPLE}`,
    );
  }
}

function readBoolean(text: string, name: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw misuse(
    `"${name}" of a postgres:// URL is true or false, not ${
      JSON.stringify(text)
    }: write ?${name}=false, or leave it out`,
  );
}

function misuse(message: string): StoreError {
  return new StoreError(message, { transient: false });
}
