/**
 * The result backend port: what became of tasks.
 *
 * @module
 */

import type { Message } from "./broker.ts";
import type { GroupEnd, GroupPlan } from "./groups.ts";

/** What is known of a task. One record per id; a later one replaces it. */
export interface ResultRecord {
  /** The task id. */
  readonly id: string;
  /** `STARTED`, `RETRY`, `SUCCESS`, `FAILURE`, `REVOKED` or a custom state. */
  readonly state: string;
  /** Whether the task has ended: its waiters are told, its state is final. */
  readonly ended: boolean;
  /** The name of the task. */
  readonly task: string;
  /** The node name of the worker that ran it. */
  readonly worker: string | null;
  /** When this state was reached (epoch ms). */
  readonly updatedAt: number;
  /** When the record may be dropped (epoch ms); `null` is never. */
  readonly expiresAt: number | null;
  /** The encoded result, or the metadata of a custom state. */
  readonly value: string | null;
  /** The encoded error. */
  readonly error: string | null;
  /** JSON of everything else (see `message/result_meta.ts`). */
  readonly meta: string;
}

/** What to look for; all that is given must hold. */
export interface ResultFilter {
  /** A state. */
  readonly state?: string | undefined;
  /** A task name. */
  readonly task?: string | undefined;
  /** A worker's node name. */
  readonly worker?: string | undefined;
  /** Reached at or after this time (epoch ms). */
  readonly since?: number | undefined;
  /** Reached before this time (epoch ms). */
  readonly until?: number | undefined;
  /** Text that its `meta` contains, as it stands. */
  readonly meta?: string | undefined;
  /**
   * Text that its value, error or meta contains. Whether a letter of ASCII is
   * large or small is of no matter.
   */
  readonly text?: string | undefined;
}

/** One page of an answer. */
export interface Page<T> {
  /** The items, in order. */
  readonly items: readonly T[];
  /**
   * Where to go on, or `null` at the end. A page may hold fewer items than
   * asked for, even none, and still have a cursor: the work of one call is
   * bounded.
   */
  readonly cursor: string | null;
}

/** Which page of an answer. */
export interface PageRequest {
  /** The most items to return. */
  readonly limit: number;
  /** The cursor of the page before; absent for the first. */
  readonly cursor?: string | undefined;
}

/**
 * Told when tasks end. `"unknown"` says that some ended without saying which:
 * look at those you wait for.
 */
export type EndedListener = (ids: readonly string[] | "unknown") => void;

/** Stores and finds results. */
export interface ResultBackend {
  /** Stores records; a record that has not ended never replaces one that has. */
  store(batch: readonly ResultRecord[]): Promise<void>;
  /**
   * Fetches records in the order of the ids. One that has expired is there
   * until `expire` drops it.
   */
  fetch(ids: readonly string[]): Promise<readonly (ResultRecord | undefined)[]>;
  /**
   * Calls the listener whenever tasks end, in any process, after their
   * records can be fetched.
   *
   * @returns a function that ends the subscription
   */
  subscribe(listener: EndedListener): Promise<() => void>;
  /** Drops records. */
  forget(ids: readonly string[]): Promise<void>;
  /** Finds records, the latest first. */
  query(
    filter: ResultFilter,
    page: PageRequest,
  ): Promise<Page<ResultRecord>>;
  /** Counts the records of each state. */
  countByState(): Promise<Readonly<Record<string, number>>>;
  /**
   * Drops up to `limit` records that have expired, and as many groups.
   *
   * @returns how many records and groups were dropped
   */
  expire(limit: number): Promise<number>;
  /**
   * Begins groups, for messages that wait in another store. A group that is
   * known already stays as it is.
   */
  openGroups(plans: readonly GroupPlan[]): Promise<void>;
  /**
   * Counts ends of members whose messages wait in another store: each member
   * once, however often it is told. Unlike a settlement it cannot publish, so
   * it keeps the groups until they expire and answers anew each time.
   *
   * @returns the bodies of those groups of the ends that are complete or have
   * a failed member: they are to be published
   */
  endMembers(ends: readonly GroupEnd[]): Promise<readonly Message[]>;
}
