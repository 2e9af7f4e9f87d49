/**
 * One connection that is made when it is needed and made anew when it is
 * lost.
 *
 * @module
 */

import { StoreError } from "../../src/errors.ts";
import { within as limited } from "../_net/within.ts";
import type { Driver } from "./driver.ts";
import { ConnectionError, SilenceError } from "./errors.ts";

/** How long connecting may take, in ms. */
const CONNECT_DEADLINE = 6_000;
/** How long ending may take, in ms. */
const END_DEADLINE = 1_000;

/** Makes a connection, and another one when that is lost. */
export class Connection {
  readonly #make: () => Promise<Driver>;
  readonly #lost: () => void;
  #current: Promise<Driver> | undefined;
  #driver: Driver | undefined;
  /** Connections that are being ended. */
  readonly #endings = new Set<Promise<void>>();
  #closed = false;

  /** @param lost called when a connection that stood is gone */
  constructor(make: () => Promise<Driver>, lost: () => void = () => {}) {
    this.#make = make;
    this.#lost = lost;
  }

  /** The connection, if it stands. */
  get standing(): Driver | undefined {
    return this.#driver;
  }

  /** The connection, ready for commands. */
  get(): Promise<Driver> {
    if (this.#closed) return Promise.reject(new ConnectionError("closed"));
    return this.#current ??= this.#connect();
  }

  /** Gives a connection up, if it is still the one in use. */
  drop(driver: Driver | undefined = this.#driver): void {
    if (driver === undefined || driver !== this.#driver) return;
    this.#forget(driver);
    this.#end(driver);
  }

  /** Gives the connection up, unless it leads to where the server is now. */
  moved(host: string, port: number): void {
    const { stream } = (this.#driver ?? {}) as Inside;
    if (stream?.remoteAddress === host && stream.remotePort === port) return;
    this.drop();
  }

  /**
   * Ends the connection for good, also one that is being made, and waits for
   * those that were given up.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const driver = this.#driver;
    if (driver === undefined) {
      // Made too late, it is hung up.
      await within(END_DEADLINE, Promise.resolve(this.#current))
        .catch(() => {});
    } else {
      this.#driver = this.#current = undefined;
      this.#end(driver);
    }
    await Promise.all(this.#endings);
  }

  /** Hangs up. The driver has a timer until it has noticed. */
  #end(driver: Driver): void {
    if (driver.status === "end") return;
    const { promise, resolve } = Promise.withResolvers<void>();
    driver.once("end", resolve);
    hangUp(driver);
    const ending = within(END_DEADLINE, promise).catch(() => {})
      .finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  async #connect(): Promise<Driver> {
    let last: unknown;
    let driver: Driver | undefined;
    try {
      driver = await this.#make();
      // Without a listener the driver writes to the console.
      driver.on("error", (error: unknown) => last = cause(error));
      await within(CONNECT_DEADLINE, driver.connect());
      // Said in passing only; commands would then run on database 0.
      if (/DB index/.test(String(last))) throw last;
      if (this.#closed) throw new ConnectionError("closed");
    } catch (error) {
      this.#current = undefined;
      if (driver !== undefined) this.#end(driver);
      throw error instanceof StoreError || last === undefined ? error : last;
    }
    this.#driver = driver;
    // Whoever waits for an answer keeps the process alive, not the socket.
    unhold(driver);
    driver.once("end", () => this.#forget(driver));
    driver.once("close", () => this.#forget(driver));
    return driver;
  }

  #forget(driver: Driver): void {
    if (driver !== this.#driver) return;
    this.#driver = this.#current = undefined;
    if (!this.#closed) this.#lost();
  }
}

/** Fails with a {@linkcode SilenceError} if a promise takes longer. */
export function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return limited(ms, promise, () => new SilenceError("no answer"));
}

/** What the driver does not say of itself in its types. */
interface Inside {
  readonly stream?: {
    readonly remoteAddress?: string;
    readonly remotePort?: number;
    unref?: () => void;
    destroy?: () => void;
  };
  readonly subscriber?: { getInstance?: () => Inside | null };
}

/** The connections of a driver: one, or those to the nodes of a cluster. */
function connectionsOf(driver: Driver): Inside[] {
  if (!("nodes" in driver)) return [driver as Inside];
  const subscriber = (driver as unknown as Inside).subscriber?.getInstance?.();
  return [...driver.nodes("all") as Inside[], subscriber ?? {}];
}

function unhold(driver: Driver): void {
  for (const { stream } of connectionsOf(driver)) stream?.unref?.();
}

/** Ends a connection at once, also one whose other side is silent. */
function hangUp(driver: Driver): void {
  const connections = connectionsOf(driver);
  driver.disconnect();
  // The driver gives the other side two seconds to say good-bye.
  for (const { stream } of connections) stream?.destroy?.();
}

/** What lies behind an error of a cluster. */
function cause(error: unknown): unknown {
  const { lastNodeError } = error as { lastNodeError?: unknown };
  return lastNodeError ?? error;
}
