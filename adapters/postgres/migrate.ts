/**
 * Bringing a database up to date: idempotent, and safe when several processes
 * do it at once.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import type { Client } from "./client.ts";
import { migrations, VERSION } from "./schema.ts";
import { quoteName, quoteText } from "./text.ts";

/** The oldest server that is known to do. */
const OLDEST_SERVER = 130_000;

/**
 * Sees whether this server will do, and brings the schema up to date.
 *
 * @throws {StoreError} when the server or the schema will not do
 */
export async function prepareSchema(
  client: Client,
  migrate: boolean,
): Promise<void> {
  await checkServer(client);
  const version = await versionOf(client);
  if (version > VERSION) throw isNewer(client, version);
  if (version === VERSION) return;
  if (!migrate) throw isMissing(client, version);
  await client.run(migrationSql(client.schema), [], { once: true });
  // Another process may have been faster, with a newer version.
  const now = await versionOf(client);
  if (now > VERSION) throw isNewer(client, now);
}

async function checkServer(client: Client): Promise<void> {
  const [row] = await client.run(
    `select current_setting('server_version_num')::int,
      current_setting('server_encoding'),
      current_setting('transaction_read_only') = 'on'`,
    [],
    { once: true },
  );
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
    );
  }
}

/** The version of the schema; 0 when there is none. */
async function versionOf(client: Client): Promise<number> {
  const table = `${quoteName(client.schema)}.meta`;
  const once = { once: true };
  const found = await client.run(
    "select to_regclass($1::text) is not null",
    [table],
    once,
  );
  if (found[0]?.[0] !== true) return 0;
  const rows = await client.run(`select version from ${table}`, [], once);
  return Number(rows[0]?.[0] ?? 0);
}

/**
 * All steps as one statement, so that it is one transaction through any pool;
 * who comes second waits for the lock and finds nothing left to do.
 */
function migrationSql(schema: string): string {
  const s = quoteName(schema);
  const name = quoteText(schema);
  const steps = migrations(s).map((step, at) =>
    `if current_version < ${at + 1} then ${step} end if;`
  );
  let tag = "$lovage$";
  while (schema.includes(tag)) tag = `${tag.slice(0, -1)}_$`;
  return `do ${tag}
    declare current_version int;
    begin
      perform pg_advisory_xact_lock(hashtextextended('lovage ' || ${name}, 0));
      -- Asked for first: to create what exists takes the right to create.
      if not exists (select 1 from pg_namespace where nspname = ${name}) then
        create schema ${s};
      end if;
      if not exists (select 1 from pg_tables
        where schemaname = ${name} and tablename = 'meta') then
        create table ${s}.meta (version int not null);
        insert into ${s}.meta values (0);
      end if;
      select version into current_version from ${s}.meta;
      ${steps.join("\n")}
      update ${s}.meta set version = ${VERSION}
        where version < ${VERSION};
    end ${tag}`;
}

function isNewer({ address, schema }: Client, version: number): StoreError {
  return new StoreError(
    `The schema "${schema}" of the PostgreSQL store ${address} has version ` +
      `${version}, this Lovage knows ${VERSION}: update Lovage or name ` +
      "another schema",
    { transient: false },
  );
}

function isMissing({ address, schema }: Client, version: number): StoreError {
  const what = version === 0
    ? "is not there"
    : `has version ${version}, this Lovage needs ${VERSION}`;
  return new StoreError(
    `The schema "${schema}" of the PostgreSQL store ${address} ${what}: ` +
      "migrate it, with `migrate: true` or `lovage migrate`",
    { transient: false },
  );
}
