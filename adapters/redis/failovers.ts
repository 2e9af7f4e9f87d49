/**
 * What sentinels tell of failovers. The master that was goes on for some ten
 * seconds as if it still were one, and then forgets what it took meanwhile: a
 * planned failover breaks no connection until then. So the sentinels are
 * listened to, and whoever still speaks to that server turns away.
 *
 * @module
 */

import { Connection, within } from "./connection.ts";
import type { Driver, DriverFactory, Sentinel } from "./driver.ts";
import { Pauses } from "./pauses.ts";

const SWITCHED = "+switch-master";
/** How long subscribing may take, in ms. */
const DEADLINE = 5_000;
/** The pauses between two tries, in ms. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 10_000;

/** Listens to all sentinels of a store. */
export class Failovers {
  readonly #sentinels: readonly Sentinel[];
  readonly #moved: (host: string, port: number) => void;
  readonly #connections: Connection[] = [];
  readonly #pauses = new Pauses();
  #isClosed = false;

  /** @param moved told where the master is now */
  constructor(
    { sentinels }: Pick<DriverFactory, "sentinels">,
    moved: (host: string, port: number) => void,
  ) {
    this.#sentinels = sentinels;
    this.#moved = moved;
  }

  /** Begins to listen; a sentinel that is away is tried again. */
  start(): void {
    if (this.#connections.length > 0) return;
    for (const sentinel of this.#sentinels) void this.#listen(sentinel);
  }

  /** Hangs up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#pauses.end();
    await Promise.all(this.#connections.map((each) => each.close()));
  }

  async #listen({ make, master }: Sentinel): Promise<void> {
    let lost = Promise.withResolvers<void>();
    const connection = new Connection(make, () => lost.resolve());
    this.#connections.push(connection);
    let pause = FIRST_PAUSE;
    while (!this.#isClosed) {
      lost = Promise.withResolvers();
      let driver: Driver | undefined;
      try {
        driver = await connection.get();
        driver.on("message", (_: string, text: string) => {
          this.#heard(text, master);
        });
        await within(DEADLINE, driver.subscribe(SWITCHED));
        pause = FIRST_PAUSE;
        await lost.promise;
      } catch {
        connection.drop(driver);
      }
      await this.#pauses.pause(pause, false);
      pause = Math.min(2 * pause, LONGEST_PAUSE);
    }
  }

  /** The name, where the master was, and where it is. */
  #heard(text: string, master: string): void {
    const [name, , , host = "", port = ""] = text.split(" ");
    if (name === master) this.#moved(host, Number(port));
  }
}
