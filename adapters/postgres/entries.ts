/**
 * Schedule entries in their table. Names are kept as they are, whatever they
 * hold: pages are in the order of their bytes.
 *
 * @module
 */

import type {
  Clock,
  SchedulePage,
  SchedulePut,
  ScheduleRecord,
} from "../../src/contracts/mod.ts";
import type { Client, Row } from "./client.ts";
import { NONE, putSql, removeSql } from "./entry_writes.ts";
import type { Operations } from "./operations.ts";
import { nameArray, numberArray, textList, textOut } from "./text.ts";

const COLUMNS = "name, body, due_at::float8, state, revision::float8";

/** Writes and reads entries. */
export class Entries {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #operations: Operations;
  readonly #put: string;
  readonly #remove: string;
  readonly #fetch: string;
  readonly #list: string;

  constructor(
    client: Client,
    clock: Clock,
    operations: Operations,
    s: string,
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#operations = operations;
    this.#put = putSql(s);
    this.#remove = removeSql(s);
    this.#fetch = `select ${COLUMNS} from ${s}.schedule
      where name = any ($1::text[])`;
    this.#list = `select ${COLUMNS} from ${s}.schedule
      where name > $1::text order by name limit $2::int`;
  }

  /** Writes entries whose expectations hold, and returns their revisions. */
  async put(
    batch: readonly SchedulePut[],
  ): Promise<readonly (number | null)[]> {
    if (batch.length === 0) return [];
    const entries = [...onePerName(batch).values()];
    const params = [
      nameArray(entries.map(({ name }) => name)),
      textList(entries.map(({ body }) => body)),
      numberArray(entries.map(({ dueAt }) => dueAt)),
      numberArray(entries.map(expectedOf)),
    ];
    const answer = await this.#operations.answer(
      this.#clock.now(),
      (operation) => this.#client.run(this.#put, [...params, ...operation]),
    );
    const [revision, names] = JSON.parse(answer) as [number, string[] | null];
    const refused = new Set(names);
    const written = new Map(
      entries.filter(({ name }) => !refused.has(name))
        .map((entry) => [entry.name, entry]),
    );
    return batch.map((entry) => {
      const one = written.get(entry.name);
      const isOverwritten = entry.expected === undefined;
      return one === entry || (one && isOverwritten) ? revision : null;
    });
  }

  /** Removes entries and returns for each name whether there was one. */
  async remove(names: readonly string[]): Promise<readonly boolean[]> {
    if (names.length === 0) return [];
    const params = [nameArray([...new Set(names)])];
    const answer = await this.#operations.answer(
      this.#clock.now(),
      (operation) => this.#client.run(this.#remove, [...params, ...operation]),
    );
    const removed = new Set(JSON.parse(answer) as string[]);
    return names.map((name) => removed.delete(name));
  }

  /** Reads entries by their names. */
  async fetch(
    names: readonly string[],
  ): Promise<readonly (ScheduleRecord | null)[]> {
    if (names.length === 0) return [];
    const rows = await this.#client.run(this.#fetch, [nameArray(names)]);
    const found = new Map(rows.map((row) => [row[0], toEntry(row)]));
    return names.map((name) => found.get(name) ?? null);
  }

  /** Reads a page of entries. */
  async list(after: string | null, limit: number): Promise<SchedulePage> {
    // One more tells whether there is a next page; no name is empty.
    const rows = await this.#client.run(this.#list, [after ?? "", limit + 1]);
    const records = rows.slice(0, limit).map(toEntry);
    const hasMore = rows.length > limit;
    return { records, next: hasMore ? records.at(-1)?.name ?? null : null };
  }
}

/**
 * What a statement writes of a batch, each name once: the last entry that is
 * written in any case, or else the first one.
 */
function onePerName(
  batch: readonly SchedulePut[],
): ReadonlyMap<string, SchedulePut> {
  const entries = new Map<string, SchedulePut>();
  for (const entry of batch) {
    if (entry.expected === undefined || !entries.has(entry.name)) {
      entries.set(entry.name, entry);
    }
  }
  return entries;
}

function expectedOf({ expected }: SchedulePut): number | null {
  if (expected === undefined) return null;
  // No entry has the revision 0.
  return expected === null ? NONE : Math.max(0, expected);
}

function toEntry(row: Row): ScheduleRecord {
  return {
    name: row[0] as string,
    body: textOut(row[1]),
    dueAt: row[2] as number | null,
    state: textOut(row[3]),
    revision: row[4] as number,
  };
}
