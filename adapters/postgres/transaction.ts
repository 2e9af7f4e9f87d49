/**
 * Statements inside a transaction of the user's own.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import type { Client, Param, Row } from "./client.ts";
import type { PostgresSql } from "./driver.ts";
import { explain } from "./errors.ts";

/** What runs a statement in the transaction and returns its first row. */
type Run = (
  text: string,
  params: readonly Param[],
) => Promise<Row | undefined>;

/** A client with `query(text, params)`, such as that of `pg`. */
interface QueryClient {
  query(
    text: string,
    params: readonly Param[],
  ): PromiseLike<
    { readonly rows: readonly unknown[] } | readonly unknown[]
  >;
  /** `pg` says so since version 8.18: idle, in a transaction, or failed. */
  getTransactionStatus?(): unknown;
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
  const run = runnerOf(client, transaction);
  try {
    return await run(text, params);
  } catch (error) {
    throw explainWithin(error, client);
  }
}

/** The transaction is on another database than the one where tasks wait. */
export function isElsewhere(client: Client, database: unknown): StoreError {
  return refused(
    `The transaction is on the database "${database}", but tasks wait in ` +
      `another one, ${client.address}: begin it there, or set \`outbox\` to ` +
      "the URL of the database of your transactions",
  );
}

function runnerOf({ address }: Client, transaction: unknown): Run {
  if (isSql(transaction)) {
    if ("begin" in transaction) throw isNoTransaction(address, "`sql` itself");
    return async (text, params) =>
      (await transaction.unsafe(text, [...params]).values())[0];
  }
  if (isQueryClient(transaction)) {
    if ("totalCount" in transaction) throw isNoTransaction(address, "a pool");
    if (transaction.getTransactionStatus?.() === "I") {
      throw isNoTransaction(address, "a client without an open transaction");
    }
    return async (text, params) => {
      const answer = await transaction.query(text, params);
      const [row] = "rows" in answer ? answer.rows : answer;
      return row === undefined ? undefined : Object.values(row as object);
    };
  }
  throw refused(
    `A transaction of the PostgreSQL store ${address} is the \`sql\` ` +
      "that sql.begin of postgres.js hands in, or a client with " +
      `query(text, params) such as that of "pg", not ${show(transaction)}: ` +
      "give one of these",
  );
}

function explainWithin(error: unknown, client: Client): StoreError {
  const { code, message } = error as { code?: unknown; message?: unknown };
  switch (code) {
    case "3F000":
    case "42P01":
      return refused(
        `The transaction is on a database without the schema ` +
          `"${client.schema}", where tasks wait: begin it on ` +
          `${client.address}, or set \`outbox\` to the URL of the database ` +
          "of your transactions",
      );
    case "42501":
      return refused(
        `The user of the transaction may not send tasks (${message}): grant ` +
          `it USAGE on the schema "${client.schema}" and its sequences, ` +
          "SELECT and INSERT on its tables task and task_group, SELECT and " +
          "DELETE on its table result (for limits and unique keys also " +
          "UPDATE on task, SELECT on revoked, INSERT on limit_event and " +
          "paused, all on unique_key)",
      );
    case "25P02":
      return refused(
        "The transaction has failed already, and takes nothing more: roll " +
          "it back, and look at its first error",
      );
  }
  return explain(error, client.address, client.schema);
}

function isSql(value: unknown): value is PostgresSql {
  return typeof value === "function" &&
    typeof (value as unknown as PostgresSql).unsafe === "function";
}

function isQueryClient(value: unknown): value is QueryClient {
  return typeof value === "object" && value !== null &&
    typeof (value as QueryClient).query === "function";
}

/** Sent there, a task would exist whatever becomes of the transaction. */
function isNoTransaction(address: string, what: string): StoreError {
  return refused(
    `What was given as a transaction of ${address} is ${what}, where every ` +
      "statement commits by itself: give the `sql` that sql.begin of " +
      'postgres.js hands in, or the client that has run "begin"',
  );
}

function refused(message: string): StoreError {
  return new StoreError(message, { transient: false });
}

function show(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") return JSON.stringify(value) ?? typeof value;
  return `${value?.constructor?.name ?? "an object"} without either`;
}
