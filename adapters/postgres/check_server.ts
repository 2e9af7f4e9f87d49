/**
 * A look at the server when it is opened: whether Lovage can work with it.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import type { Client, Row } from "./client.ts";
import { clarify } from "./wrong_server.ts";

/** The oldest server that is known to do. */
const OLDEST_SERVER = 130_000;

/**
 * Sees whether this server will do.
 *
 * @throws {StoreError} when it will not
 */
export async function checkServer(client: Client): Promise<void> {
  const [row] = await ask(client);
  const [version = 0, encoding, readOnly] = row as [number, string, boolean];
  const The = `The PostgreSQL store ${client.address}`;
  if (version < OLDEST_SERVER) {
    throw new StoreError(
      `${The} runs version ${Math.floor(version / 10_000)} of the server, ` +
        `which is too old: upgrade it to ${OLDEST_SERVER / 10_000} or later`,
      { transient: false },
    );
  }
  if (encoding !== "UTF8") {
    throw new StoreError(
      `${The} keeps texts as ${encoding}: use a database that was created ` +
        "with ENCODING 'UTF8'",
      { transient: false },
    );
  }
  if (readOnly) {
    throw new StoreError(
      `${The} is read-only, a replica or a database set so: give the ` +
        "address of the primary",
      // Of several hosts another one may become the primary any moment.
      { transient: client.hasManyHosts },
    );
  }
}

async function ask(client: Client): Promise<readonly Row[]> {
  try {
    return await client.run(
      `select current_setting('server_version_num')::int,
        current_setting('server_encoding'),
        current_setting('transaction_read_only') = 'on'`,
      [],
      { once: true },
    );
  } catch (error) {
    throw await clarify(error, client);
  }
}
