/**
 * A look at the server's settings when it is opened: what about them is a
 * danger to tasks.
 *
 * @module
 */

import type { Client } from "./client.ts";

/** What each setting of a server must not be, and what it leads to. */
const DANGERS: Readonly<Record<string, string>> = {
  fsync: "may lose tasks, or all of its data, in a crash of its machine",
  full_page_writes:
    "may lose tasks by damaged pages, in a crash of its machine",
  synchronous_commit: "may lose tasks that it has accepted, in a crash",
  autovacuum: "grows slower with every task, as nothing of it is vacuumed",
};

/**
 * Examines the settings of the server.
 *
 * @returns what to warn of
 */
export async function examine(client: Client): Promise<readonly string[]> {
  const names = Object.keys(DANGERS);
  const [row = []] = await client.run(
    `select ${names.map((name) => `current_setting('${name}')`).join(", ")}`,
    [],
    { once: true },
  );
  return names.filter((_, at) => row[at] === "off").map((name) =>
    `The PostgreSQL store ${client.address} ${DANGERS[name]}: set ${name} to on`
  );
}
