/**
 * What is known of tasks and of how they hang together: from their records,
 * and of those that have not ended, from their messages.
 *
 * @module
 */

import type { LiveStatus, LiveTask } from "../../contracts/inspector.ts";
import type { ResultRecord } from "../../contracts/result_backend.ts";
import { decodeEnvelope, type Envelope } from "../../message/envelope.ts";
import { decodeError } from "../../message/error_codec.ts";
import { decodeMeta, type ResultMeta } from "../../message/result_meta.ts";
import type { OpenStores } from "../../producer/stores.ts";

/** How many tasks one call asks about. */
export const PAGE = 1_000;

/** What is known of a task. Spans are ms. */
export interface TaskFacts {
  /** Its id. */
  readonly id: string;
  /** Whether anything is known of it. */
  readonly known: boolean;
  /** Its name. */
  readonly task: string | null;
  /** Its state. */
  readonly state: string;
  /** Where it is, if it has not ended. */
  readonly live: LiveStatus | null;
  /** How long it ran, or has run so far. */
  readonly ms: number | null;
  /** Its error: name and message. */
  readonly error: string | null;
  /** The first task of its line. */
  readonly rootId: string;
  /** What it sent or led to. */
  readonly children: readonly string[];
  /** The group that it is a member of. */
  readonly group: string | undefined;
  /** The group whose results it takes. */
  readonly header: ResultMeta["header"];
}

/** Finds what is known of tasks; what was found is kept. */
export class TaskFinder {
  readonly #stores: OpenStores;
  readonly #now: number;
  readonly #found = new Map<string, TaskFacts>();

  /** @param now for how long tasks have run (epoch ms) */
  constructor(stores: OpenStores, now: number) {
    this.#stores = stores;
    this.#now = now;
  }

  /** What is known of tasks, in the order of the ids. */
  async find(ids: readonly string[]): Promise<readonly TaskFacts[]> {
    const missing = ids.filter((id) => !this.#found.has(id));
    for (let from = 0; from < missing.length; from += PAGE) {
      await this.#look(missing.slice(from, from + PAGE));
    }
    return ids.map((id) => this.#found.get(id) as TaskFacts);
  }

  async #look(ids: readonly string[]): Promise<void> {
    const { broker, backend } = this.#stores;
    // In this order: of what ends in between there is a record.
    const live = await broker.inspector.find(ids);
    const records = await backend.results.fetch(ids);
    for (const [at, id] of ids.entries()) {
      const record = records[at];
      const task = record?.ended === true ? undefined : live[at];
      this.#found.set(id, factsOf(id, record, task, this.#now));
    }
  }
}

function factsOf(
  id: string,
  record: ResultRecord | undefined,
  live: LiveTask | undefined,
  now: number,
): TaskFacts {
  const meta = record === undefined ? {} : decodeMeta(record.meta);
  const envelope = live === undefined ? undefined : envelopeOf(live);
  return {
    id,
    known: record !== undefined || live !== undefined,
    task: record?.task || live?.task || null,
    state: stateOf(record, live),
    live: live?.status ?? null,
    ms: runOf(record, meta, now),
    error: errorOf(record),
    rootId: meta.rootId ?? envelope?.rootId ?? id,
    children: meta.children ?? [],
    group: meta.group ?? envelope?.group,
    header: meta.header ?? envelope?.header,
  };
}

function stateOf(
  record: ResultRecord | undefined,
  live: LiveTask | undefined,
): string {
  const isHeld = live?.status === "running";
  if (record === undefined) return isHeld ? "RECEIVED" : "PENDING";
  return isHeld && record.state === "RETRY" ? "RECEIVED" : record.state;
}

function runOf(
  record: ResultRecord | undefined,
  { times = {} }: ResultMeta,
  now: number,
): number | null {
  const started = times["STARTED"];
  if (record === undefined || started === undefined) return null;
  return Math.max(0, (record.ended ? record.updatedAt : now) - started);
}

function errorOf(record: ResultRecord | undefined): string | null {
  if (record === undefined || record.error === null) return null;
  const { name, message } = decodeError(record.error);
  return `${name}: ${message}`;
}

// Of a message that cannot be read, nothing more is known.
function envelopeOf({ body }: LiveTask): Envelope | undefined {
  try {
    return decodeEnvelope(body);
  } catch {
    return undefined;
  }
}
