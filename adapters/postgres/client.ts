/**
 * The connections. All traps of the driver are dealt with here, so that the
 * rest of the adapter can trust what it is told:
 *
 * - A connection lost inside `begin` or `reserve` of postgres.js ends the
 *   process, and statements on a shared pool then hang. So there is no
 *   transaction of our own, every call is a single statement, and the pool is
 *   one of clients with one connection each and no pipelining. Under
 *   connections cut every 150 ms this was the one shape without hanging calls.
 * - A client that saw anything but an ordinary error of the server is thrown
 *   away: the stale error of a terminated backend would meet the next call.
 * - The driver has no time-out for a call: each gets a deadline here.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import { Deadline } from "../_net/deadline.ts";
import { unheldSockets } from "../_net/unheld_socket.ts";
import {
  type DriverOptions,
  makeSql,
  type OwnSql,
  type PostgresSql,
} from "./driver.ts";
import {
  diagnose,
  explain,
  isConflict,
  isSilent,
  mayBeDone,
} from "./errors.ts";
import type { SingleServer } from "./url.ts";
import { unheldTimer } from "./clock.ts";

/** One row of an answer. */
export type Row = readonly unknown[];
/** A parameter: the server is told its type by a cast. */
export type Param = string | number | null;

/** How the store reaches its server. */
export interface ClientOptions {
  readonly url: string | undefined;
  /** The user's own client, in place of the pool. */
  readonly sql: PostgresSql | undefined;
  /** Whether there are several servers, of which one is the primary. */
  readonly hasManyHosts: boolean;
  /** The server, where there is only one. */
  readonly server: SingleServer | null;
  /** More options for the driver. */
  readonly driver: DriverOptions;
  /** The address for people. */
  readonly address: string;
  readonly schema: string;
  readonly max: number;
  readonly prepare: boolean;
  /** Whether a connection belongs to a session of its own. */
  readonly session: boolean;
  /** How long one call may take, in ms. */
  readonly timeout: number;
  /** For how long a call is tried again, in ms. */
  readonly retryFor: number;
}

/** How a call is made. */
export interface CallOptions {
  /** Fails at once when the server is away. */
  readonly once?: boolean;
  /**
   * The same, unless it may have been done: for callers with a policy of
   * their own.
   */
  readonly refusedWhenAway?: boolean;
  /** Told before a statement is sent again that may have been done. */
  readonly onRetry?: () => void;
  /** Aborted once nobody waits for it: then it is not sent again. */
  readonly signal?: AbortSignal;
}

/**
 * The plans of all statements are known: an index leads from a few keys to
 * their rows. What else the planner may come upon, when its statistics are of
 * an empty table, is ruled out. A generic plan spares the planning, which
 * costs as much as a small statement.
 */
const PLANNER: DriverOptions = {
  jit: "off",
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_bitmapscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
};

/** A connection is ended when it was not used for so long, in ms. */
const IDLE = 10_000;
const FIRST_PAUSE = 25;
const LONGEST_PAUSE = 2_000;

/** A connection that nobody uses, and since when. */
interface Idle {
  readonly sql: OwnSql;
  readonly since: number;
}

/** Runs statements. */
export class Client {
  /** The address for people. */
  readonly address: string;
  /** The schema that holds the tables. */
  readonly schema: string;
  /** Whether there are several servers, of which one is the primary. */
  readonly hasManyHosts: boolean;
  /** The server, where there is only one. */
  readonly server: SingleServer | null;
  readonly #options: ClientOptions;
  readonly #idle: Idle[] = [];
  #sweep: ReturnType<typeof setTimeout> | undefined;
  readonly #waiting: PromiseWithResolvers<OwnSql>[] = [];
  readonly #all = new Set<OwnSql>();
  readonly #ends = new Set<Promise<void>>();
  readonly #closed = new AbortController();
  readonly #deadline: Deadline;

  constructor(options: ClientOptions) {
    const { timeout } = options;
    this.#deadline = new Deadline(timeout, () => {
      const message = `${timeout / 1_000} s`;
      return Object.assign(new Error(message), { code: "TIMEOUT" });
    });
    this.address = options.address;
    this.schema = options.schema;
    this.hasManyHosts = options.hasManyHosts;
    this.server = options.server;
    this.#options = options;
  }

  /** Aborted when the client is closed. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /**
   * Runs one statement, in a transaction of its own. It is sent again when
   * the server was away or another transaction was in the way, so it must be
   * idempotent or fenced.
   *
   * @param params the parameters, or what makes them for each attempt
   * @throws {StoreError} that says what to do
   */
  async run(
    text: string,
    params: readonly Param[] | (() => readonly Param[]) = [],
    { once = false, refusedWhenAway = false, onRetry, signal }: CallOptions =
      {},
  ): Promise<readonly Row[]> {
    const end = performance.now() + this.#options.retryFor;
    let inDoubt = false;
    for (let attempt = 0;; attempt++) {
      if (this.#closed.signal.aborted) throw this.#isClosed();
      try {
        const values = typeof params === "function" ? params() : params;
        return await this.#attempt(text, values);
      } catch (error) {
        const { retry } = diagnose(error);
        inDoubt ||= mayBeDone(error);
        // The first error may be a stale one, of a backend that was
        // terminated while its connection was idle; but silence is not.
        const late = performance.now() >= end ||
          (once && (attempt > 0 || isSilent(error))) ||
          (refusedWhenAway && !inDoubt && !isConflict(error));
        if (retry && !late && attempt > 0) await this.#pause(attempt, signal);
        if (!retry || late || signal?.aborted) {
          throw explain(error, this.address, this.schema, inDoubt);
        }
        onRetry?.();
      }
    }
  }

  /** Makes a client of one connection that the caller keeps and ends. */
  connect(extra: DriverOptions): OwnSql {
    const { url, sql, driver, prepare, session } = this.#options;
    const own = optionsOf(sql);
    return makeSql(own === undefined ? url : undefined, {
      ...own,
      // The parsed options of a client hold its state: not to be shared.
      ...(own && { shared: undefined }),
      socket: own?.["socket"] ?? unheldSockets(),
      ...driver,
      max: 1,
      max_pipeline: 1,
      fetch_types: false,
      max_lifetime: null,
      // The store is quiet about itself; errors say what matters.
      onnotice: () => {},
      backoff: (tries: number) => Math.min(0.05 * 2 ** tries, 2),
      prepare,
      ...extra,
      connection: {
        application_name: "lovage",
        ...(driver["connection"] as object | undefined),
        ...own?.["connection"] as object | undefined,
        ...(session ? PLANNER : {}),
      },
    });
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    this.#closed.abort();
    for (const turn of this.#waiting.splice(0)) turn.reject(this.#isClosed());
    for (const sql of this.#all) this.#end(sql, 1);
    this.#idle.length = 0;
    clearTimeout(this.#sweep);
    await Promise.all(this.#ends);
    this.#deadline.close();
  }

  #end(sql: OwnSql, timeout: number): void {
    this.#all.delete(sql);
    const end = endOf(sql, timeout);
    this.#ends.add(end);
    void end.then(() => this.#ends.delete(end));
  }

  async #attempt(
    text: string,
    params: readonly Param[],
  ): Promise<readonly Row[]> {
    const { sql, prepare } = this.#options;
    if (sql !== undefined) return await this.#ask(sql, text, params, prepare);
    const own = await this.#take();
    let healthy = true;
    try {
      return await this.#ask(own, text, params, prepare);
    } catch (error) {
      healthy = !diagnose(error).lost;
      throw error;
    } finally {
      this.#giveBack(own, healthy);
    }
  }

  /** Asks, and waits for the answer no longer than may be. */
  #ask(
    sql: PostgresSql,
    text: string,
    params: readonly Param[],
    prepare: boolean,
  ): Promise<readonly Row[]> {
    return this.#deadline.watch(() =>
      sql.unsafe(text, [...params], { prepare }).values()
    );
  }

  #take(): Promise<OwnSql> | OwnSql {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle.sql;
    if (this.#all.size < this.#options.max) return this.#make();
    const turn = Promise.withResolvers<OwnSql>();
    this.#waiting.push(turn);
    return turn.promise;
  }

  #make(): OwnSql {
    const sql = this.connect({});
    this.#all.add(sql);
    return sql;
  }

  #giveBack(sql: OwnSql, healthy: boolean): void {
    if (this.#closed.signal.aborted) return;
    if (!healthy) this.#end(sql, 1);
    const next = this.#waiting.shift();
    if (next !== undefined) return next.resolve(healthy ? sql : this.#make());
    if (!healthy) return;
    this.#idle.push({ sql, since: performance.now() });
    if (this.#sweep === undefined) this.#sweepLater();
  }

  #sweepLater(): void {
    this.#sweep = unheldTimer(IDLE / 2, () => {
      this.#sweep = undefined;
      const before = performance.now() - IDLE;
      // The last one used is the first one taken: the oldest come first.
      while ((this.#idle[0]?.since ?? Infinity) <= before) {
        const idle = this.#idle.shift();
        if (idle !== undefined) this.#end(idle.sql, 1);
      }
      if (this.#idle.length > 0) this.#sweepLater();
    });
  }

  async #pause(attempt: number, signal?: AbortSignal): Promise<void> {
    const most = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt);
    const ends = [this.#closed.signal, ...signal === undefined ? [] : [signal]];
    if (ends.some(({ aborted }) => aborted)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, most * (0.5 + Math.random() / 2));
      for (const end of ends) end.addEventListener("abort", done);
      function done() {
        clearTimeout(timer);
        for (const end of ends) end.removeEventListener("abort", done);
        resolve();
      }
    });
  }

  #isClosed(): StoreError {
    return new StoreError(
      `The PostgreSQL store ${this.address} was closed: open another one`,
      { transient: false },
    );
  }
}

/** Ends a client; what is wrong with it does not matter any more. */
export function endOf(sql: OwnSql, timeout: number): Promise<void> {
  return sql.end({ timeout }).then(() => {}, () => {});
}

/** The parsed options of a user's own client. */
function optionsOf(
  sql: PostgresSql | undefined,
): Readonly<Record<string, unknown>> | undefined {
  return (sql as { options?: Record<string, unknown> } | undefined)?.options;
}
