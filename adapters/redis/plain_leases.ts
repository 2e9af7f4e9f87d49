/**
 * Which leases are of messages with neither limits nor a unique key, so that
 * their ends need not look for any.
 *
 * @module
 */

import type { Delivery } from "../../src/contracts/mod.ts";

/** So many reservations are remembered, and up to twice as many. */
const MANY = 2_000;

type Special = ReadonlySet<string>;

const NONE: Special = new Set();

/**
 * What the reservations of one store have met, by their tokens. What is not
 * known, since it was long ago or another process's, may have anything: then
 * the server looks.
 */
export class PlainLeases {
  #recent = new Map<number, Special>();
  #older: ReadonlyMap<number, Special> = new Map();

  /** Remembers the deliveries of a reservation. */
  note(token: number, deliveries: readonly Delivery[]): void {
    let special: Set<string> | undefined;
    for (const { id, limits, unique } of deliveries) {
      if (limits === undefined && unique === undefined) continue;
      (special ??= new Set()).add(id);
    }
    if (this.#recent.size >= MANY) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(token, special ?? NONE);
  }

  /** Whether a lease is known to be of such a message. */
  has({ id, token }: Pick<Delivery, "id" | "token">): boolean {
    const special = this.#recent.get(token) ?? this.#older.get(token);
    return special !== undefined && (special === NONE || !special.has(id));
  }
}
