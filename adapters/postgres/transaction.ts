/**
 * Statements inside a transaction of the user's own.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import type { Client, Param, Row } from "./client.ts";
import type { PostgresSql } from "./driver.ts";
import { explain } from "./errors.ts";

/** A client with `query(text, params)`, such as that of `pg`. */
interface QueryClient {
  query(
    text: string,
    params: readonly Param[],
  ): PromiseLike<{ readonly rows: readonly unknown[] }>;
}

/**
 * Runs a statement in a transaction and returns its first row. Neither tried
 * again nor bounded in time: both are for the transaction.
 *
 * @throws {StoreError} for what is no transaction, and for what failed in it
 */
export async function runWithin(
  client: Client,
  transaction: unknown,
  text: string,
  params: readonly Param[],
): Promise<Row | undefined> {
  if (isSql(transaction)) {
    try {
      const rows = await transaction.unsafe(text, [...params]).values();
      return rows[0];
    } catch (error) {
      throw explain(error, client.address, client.schema);
    }
  }
  if (isQueryClient(transaction)) {
    try {
      const { rows } = await transaction.query(text, params);
      const [row] = rows;
      return row === undefined ? undefined : Object.values(row as object);
    } catch (error) {
      throw explain(error, client.address, client.schema);
    }
  }
  throw new StoreError(
    `A transaction of the PostgreSQL store ${client.address} is the \`sql\` ` +
      "that sql.begin of postgres.js hands in, or a client with " +
      `query(text, params) such as that of "pg", not ${show(transaction)}: ` +
      "give one of these",
    { transient: false },
  );
}

function isSql(value: unknown): value is PostgresSql {
  return typeof value === "function" &&
    typeof (value as unknown as PostgresSql).unsafe === "function";
}

function isQueryClient(value: unknown): value is QueryClient {
  return typeof value === "object" && value !== null &&
    typeof (value as QueryClient).query === "function";
}

function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") return JSON.stringify(value) ?? typeof value;
  return `${value?.constructor?.name ?? "an object"} without either`;
}
