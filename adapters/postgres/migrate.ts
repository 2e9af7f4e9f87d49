/**
 * Bringing a database up to date: idempotent, and safe when several processes
 * do it at once.
 *
 * @module
 */

import type {
  MigrationReport,
  SchemaStatus,
} from "../../src/contracts/migrations.ts";
import { StoreError } from "../../src/errors.ts";
import { checkServer } from "./check_server.ts";
import type { Client } from "./client.ts";
import { STEPS, VERSION } from "./schema.ts";
import { quoteName, quoteText } from "./text.ts";

/** Where a migration says, within its transaction, what it began with. */
const BEGAN_WITH = "lovage.began_with";

/**
 * Sees whether this server will do, and brings the schema up to date.
 *
 * @param migrate whether it may; otherwise it must be up to date
 * @throws {StoreError} when the server or the schema will not do
 */
export async function prepareSchema(
  client: Client,
  migrate: boolean,
): Promise<void> {
  const { version } = await schemaStatus(client);
  if (version === VERSION) return;
  if (!migrate) throw isBehind(client, version);
  await bringUpToDate(client);
}

/**
 * How far the schema is.
 *
 * @throws {StoreError} when the server will not do, or the schema is newer
 * than this code
 */
export async function schemaStatus(client: Client): Promise<SchemaStatus> {
  await checkServer(client);
  const version = await versionOf(client);
  if (version > VERSION) throw isNewer(client, version);
  return {
    schema: client.schema,
    version,
    needed: VERSION,
    pending: stepsFrom(version),
  };
}

/**
 * Brings the schema up to date.
 *
 * @throws {StoreError} when the server will not do, the schema is newer than
 * this code, or a right is missing
 */
export async function migrateSchema(client: Client): Promise<MigrationReport> {
  const { schema, version } = await schemaStatus(client);
  // Who has nothing to do needs no right to do it.
  const from = version === VERSION ? version : await bringUpToDate(client);
  return { schema, from, to: VERSION, done: stepsFrom(from) };
}

function stepsFrom(version: number): readonly string[] {
  return STEPS.slice(version).map((step) => step.does);
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

/** @returns the version that it began with */
async function bringUpToDate(client: Client): Promise<number> {
  const answers = await client.run(migrationSql(client.schema), [], {
    once: true,
  });
  const from = Number((answers[1]?.[0] as readonly unknown[])?.[0]);
  // Another process may have been faster, with a newer version.
  if (from > VERSION) throw isNewer(client, from);
  return from;
}

/**
 * All steps in one message, so that they are one transaction through any
 * pool; who comes second waits for the lock and finds nothing left to do.
 */
function migrationSql(schema: string): string {
  const s = quoteName(schema);
  const name = quoteText(schema);
  const steps = STEPS.map((step, at) =>
    `if current_version < ${at + 1} then ${step.sql(s)} end if;`
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
      perform set_config('${BEGAN_WITH}', current_version::text, true);
    end ${tag}; select current_setting('${BEGAN_WITH}')`;
}

function isNewer({ address, schema }: Client, version: number): StoreError {
  return new StoreError(
    `The schema "${schema}" of the PostgreSQL store ${address} has version ` +
      `${version}, this Lovage knows ${VERSION}: update Lovage or name ` +
      "another schema",
    { transient: false },
  );
}

function isBehind({ address, schema }: Client, version: number): StoreError {
  const what = version === 0
    ? "is not there"
    : `has version ${version}, this Lovage needs ${VERSION}`;
  return new StoreError(
    `The schema "${schema}" of the PostgreSQL store ${address} ${what}: ` +
      "run `lovage migrate`, or let the store do it (`migrate: true`)",
    { transient: false },
  );
}
