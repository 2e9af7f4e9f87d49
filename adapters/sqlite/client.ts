/**
 * The connection: opening, pragmas, transactions, and patience with locks.
 * The rest of the adapter is synchronous code inside `read` and `write`.
 *
 * @module
 */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { StoreError } from "../../src/errors.ts";
import { explain, isBusy } from "./errors.ts";
import { migrate } from "./schema.ts";

/** How much of a crash a write must survive. */
export type Durability =
  /** Whatever the store's `synchronous` says; for what was accepted. */
  | "full"
  /**
   * A crash of the process, not of the machine; for what would be void then
   * anyway: a lease means nothing when no worker is left.
   */
  | "process";

/** How the connection is set up. */
export interface ClientOptions {
  readonly path: string;
  readonly synchronous: "FULL" | "NORMAL";
  /** How long a call waits for the locks of others, in ms. */
  readonly lockTimeout: number;
}

/**
 * How long SQLite itself waits for a lock, in ms. It blocks the event loop
 * meanwhile, so it gets only as long as a short transaction of others takes.
 */
const BLOCKING_WAIT = 2;
/** The longest pause between two attempts to get a lock, in ms. */
const LONGEST_PAUSE = 20;

/** One connection to the database file. */
export class Client {
  /** The path of the file. */
  readonly path: string;
  readonly #options: ClientOptions;
  readonly #statements = new Map<string, StatementSync>();
  readonly #tuples = new Map<string, StatementSync>();
  #db: DatabaseSync | undefined;
  #dataVersion: unknown;
  #durability: Durability | undefined;

  constructor(options: ClientOptions) {
    this.path = options.path;
    this.#options = options;
  }

  /** Opens the file, makes it if needed, brings its tables up to date. */
  async open(): Promise<void> {
    if (this.#db !== undefined) return;
    const { path } = this;
    try {
      const db = new DatabaseSync(path, { timeout: BLOCKING_WAIT });
      this.#db = db;
      await this.#patiently(() => configure(db));
      await this.write(() => migrate(db, path));
    } catch (error) {
      this.close();
      throw explain(error, path);
    }
  }

  /** Whether the connection is open. */
  get isOpen(): boolean {
    return this.#db !== undefined;
  }

  /** The statement of this text, prepared once. */
  statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#connection().prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** The same, with rows as arrays: much cheaper to read by the thousand. */
  tuples(sql: string): StatementSync {
    let statement = this.#tuples.get(sql);
    if (statement === undefined) {
      statement = this.#connection().prepare(sql);
      // Missing in the types that come with Deno.
      (statement as StatementSync & ReturnsArrays).setReturnArrays(true);
      this.#tuples.set(sql, statement);
    }
    return statement;
  }

  /** Reads without a lock of its own: what it sees was committed. */
  read<T>(work: () => T): Promise<T> {
    return this.#patiently(work);
  }

  /**
   * Runs the work in a transaction that no other writes beside. The work is
   * done as a whole, or thrown away if it throws.
   */
  write<T>(work: () => T, durability: Durability = "full"): Promise<T> {
    return this.#patiently(() => {
      this.#ensure(durability);
      this.statement("begin immediate").run();
      try {
        const value = work();
        this.statement("commit").run();
        return value;
      } catch (error) {
        // After some errors, a full disk for one, SQLite has rolled back.
        if (this.#db?.isTransaction) this.statement("rollback").run();
        throw error;
      }
    });
  }

  /** Whether another connection has committed since this was last asked. */
  othersCommitted(): boolean {
    if (this.#db === undefined) return false;
    const version = this.tuples("pragma data_version").get() as unknown;
    const value = (version as readonly unknown[])[0];
    const changed = value !== this.#dataVersion;
    this.#dataVersion = value;
    return changed;
  }

  /** Closes the connection; calls that still wait for a lock fail. */
  close(): void {
    this.#statements.clear();
    this.#tuples.clear();
    this.#db?.close();
    this.#db = undefined;
  }

  #connection(): DatabaseSync {
    if (this.#db === undefined) {
      throw new StoreError(`The SQLite store ${this.path} is not open`, {
        transient: false,
      });
    }
    return this.#db;
  }

  #ensure(durability: Durability): void {
    if (this.#durability === durability) return;
    const level = durability === "full" ? this.#options.synchronous : "NORMAL";
    this.#connection().exec(`pragma synchronous = ${level}`);
    this.#durability = durability;
  }

  /** Tries until no lock of another connection is in the way. */
  async #patiently<T>(work: () => T): Promise<T> {
    let deadline: number | undefined;
    for (let pause = 1;; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
      try {
        this.#connection();
        return work();
      } catch (error) {
        if (!isBusy(error)) throw explain(error, this.path);
        const now = performance.now();
        deadline ??= now + this.#options.lockTimeout;
        if (now >= deadline) throw this.#locked(error);
      }
      await delay(pause * (0.5 + Math.random()));
    }
  }

  #locked(cause: unknown): StoreError {
    return new StoreError(
      `The SQLite store ${this.path} has been locked by another process for ` +
        `${this.#options.lockTimeout} ms: end what holds it (a backup, a ` +
        "shell with an open transaction) or raise `lockTimeout`",
      { cause },
    );
  }
}

interface ReturnsArrays {
  setReturnArrays(enabled: boolean): void;
}

function configure(db: DatabaseSync): void {
  // First of all, since it reads the file and so finds out what it is.
  db.exec("pragma journal_mode = wal");
  db.exec("pragma temp_store = memory");
  // 16 MiB: what a batch touches. More is slower, not faster: the pages of a
  // long backlog are used once, and the system caches the file anyway.
  db.exec("pragma cache_size = -16384");
  db.exec("pragma wal_autocheckpoint = 2000");
  // What a burst leaves of the log is given back at the next checkpoint.
  db.exec("pragma journal_size_limit = 67108864");
}
