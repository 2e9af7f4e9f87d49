/**
 * Looking for results: by state, task, worker and time.
 *
 * @module
 */

import type { Page } from "../contracts/result_backend.ts";
import type { Internals } from "../internals.ts";
import { type Instant, parseInstant } from "../message/time.ts";
import { checkOptions, isInstant, isInteger, isText } from "../options.ts";
import { AsyncResult, infoOf, type ResultInfo } from "./async_result.ts";

/** What to look for; all that is given must hold. */
export interface ResultQuery {
  /** A state, such as `"FAILURE"`. */
  readonly state?: string | undefined;
  /** A task's name. */
  readonly task?: string | undefined;
  /** A worker's node name. */
  readonly worker?: string | undefined;
  /** At or after this time. */
  readonly since?: Instant | undefined;
  /** Before this time. */
  readonly until?: Instant | undefined;
  /** The most items of a page. @default {100} */
  readonly limit?: number | undefined;
  /** The cursor of the page before. */
  readonly cursor?: string | undefined;
}

/** A result that was found. */
export interface FoundResult extends ResultInfo<unknown> {
  /** The task's id. */
  readonly id: string;
  /** When its state was reached. */
  readonly updatedAt: Date;
  /** A handle on the task. */
  readonly handle: AsyncResult<unknown>;
}

/** Finds and counts results that are kept: `app.results`. */
export class Results {
  readonly #app: Internals;

  /** Use `app.results`. */
  constructor(app: Internals) {
    this.#app = app;
  }

  /**
   * Finds results, the latest first. Go on with the page's cursor until it is
   * `null`; a page may hold fewer results than asked for.
   *
   * @throws {ConfigError} for a field that will not do
   */
  async query(query: ResultQuery = {}): Promise<Page<FoundResult>> {
    checkOptions("results.query()", query, QUERY_CHECKS);
    const { backend } = await this.#app.stores.open();
    const { since, until, limit = 100, cursor, ...filter } = query;
    const page = await backend.results.query({
      ...filter,
      since: since === undefined ? undefined : parseInstant(since, "since"),
      until: until === undefined ? undefined : parseInstant(until, "until"),
    }, { limit, cursor });
    return {
      cursor: page.cursor,
      items: page.items.map((record) => ({
        ...infoOf<unknown>(record),
        id: record.id,
        updatedAt: new Date(record.updatedAt),
        handle: new AsyncResult<unknown>(this.#app, record.id),
      })),
    };
  }

  /** Counts the stored results of each state. */
  async countByState(): Promise<Readonly<Record<string, number>>> {
    const { backend } = await this.#app.stores.open();
    return await backend.results.countByState();
  }
}

const QUERY_CHECKS = {
  state: isText,
  task: isText,
  worker: isText,
  since: isInstant,
  until: isInstant,
  limit: isInteger(1, 10_000),
  cursor: isText,
};
