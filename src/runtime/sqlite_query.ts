/**
 * What a `sqlite://` URL says after its path:
 * `sqlite://./a.db?synchronous=NORMAL&lockTimeout=5s`.
 *
 * @module
 */

import type { SqliteStoreOptions } from "../../adapters/sqlite/mod.ts";
import { StoreError } from "../errors.ts";
import { type Duration, parseDuration } from "../message/time.ts";
import { nearest } from "../options.ts";

/** The options that can stand in a URL. */
export type SqliteQuery = Pick<
  SqliteStoreOptions,
  "synchronous" | "lockTimeout"
>;

const READERS: {
  readonly [Name in keyof Required<SqliteQuery>]: (
    text: string,
  ) => SqliteQuery[Name];
} = {
  synchronous: readSynchronous,
  lockTimeout: readLockTimeout,
};

/**
 * Reads the parameters of a `sqlite://` URL.
 *
 * @throws {StoreError} for one that there is not, or a value that will not do
 */
export function sqliteQuery(url: string): SqliteQuery {
  const text = /\?([^#]*)/.exec(url)?.[1] ?? "";
  const options: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    if (!isKnown(name)) throw unknown(name);
    options[name] = READERS[name](value);
  }
  return options;
}

function isKnown(name: string): name is keyof SqliteQuery {
  return Object.hasOwn(READERS, name);
}

function unknown(name: string): StoreError {
  const names = Object.keys(READERS);
  const near = nearest(name, names);
  const hint = near === undefined
    ? `The parameters are: ${names.join(", ")}`
    : `Did you mean "${near}"?`;
  return misuse(`Unknown parameter "${name}" of a sqlite:// URL. ${hint}`);
}

function readSynchronous(text: string): "FULL" | "NORMAL" {
  if (text === "FULL" || text === "NORMAL") return text;
  throw misuse(
    `"synchronous" of a sqlite:// URL must be FULL or NORMAL, but it is ${
      JSON.stringify(text)
    }`,
  );
}

function readLockTimeout(text: string): number {
  // A bare number is seconds, as wherever durations are written.
  const duration = /^\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  try {
    return parseDuration(duration as Duration, "it");
  } catch {
    throw misuse(
      `"lockTimeout" of a sqlite:// URL must be a duration: seconds (5), or with a unit (500ms, 5s), but it is ${
        JSON.stringify(text)
      }`,
    );
  }
}

function misuse(message: string): StoreError {
  return new StoreError(message, { transient: false });
}
