/**
 * What the adapter sees of postgres.js: structural types, so that no type of
 * a package is part of the public API, and how its clients are made.
 *
 * @module
 */

import postgres from "postgres";

/** A statement under way. */
export interface PostgresQuery extends PromiseLike<readonly unknown[]> {
  /** Rows as arrays instead of objects. */
  values(): PromiseLike<readonly (readonly unknown[])[]>;
}

/** A client of postgres.js: the `sql` that `postgres(…)` returns. */
export interface PostgresSql {
  /** Runs the text of a statement. */
  unsafe(
    text: string,
    // deno-lint-ignore no-explicit-any -- postgres.js types it by its own type
    values?: any[],
    options?: { readonly prepare?: boolean },
  ): PostgresQuery;
}

/** A client that the adapter has made, and may end. */
export interface OwnSql extends PostgresSql {
  end(options: { readonly timeout: number }): Promise<void>;
}

/** How a client is made. */
export type DriverOptions = Readonly<Record<string, unknown>>;

/** Makes a client; it connects with its first statement. */
export function makeSql(
  url: string | undefined,
  options: DriverOptions,
): OwnSql {
  const make = postgres as unknown as (
    ...args: readonly unknown[]
  ) => OwnSql;
  return url === undefined ? make(options) : make(url, options);
}
