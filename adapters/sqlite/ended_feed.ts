/**
 * Tells who subscribed that tasks have ended, in this process and in others.
 * Records are numbered in the order of storing, so that what is new is what
 * has a greater number than the last one seen.
 *
 * @module
 */

import type { EndedListener } from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { lastRecordSeq, type StoredRecords } from "./records.ts";
import { allTuples, textOut } from "./rows.ts";
import type { Wake } from "./wake.ts";

/** How many records are read, and told, at a time. */
const STEP = 1_000;

const NEW = `select seq, id, ended from lovage_result
  where seq > ? order by seq limit ${STEP}`;

/** The subscriptions of one store. */
export class EndedFeed {
  readonly #client: Client;
  readonly #wake: Wake;
  readonly #listeners = new Set<EndedListener>();
  #unlisten: (() => void) | undefined;
  #seen = 0;
  #reading = false;

  constructor(client: Client, wake: Wake) {
    this.#client = client;
    this.#wake = wake;
  }

  /** Adds a subscription and returns what ends it. */
  async subscribe(listener: EndedListener): Promise<() => void> {
    // A wrapper of its own, so that one listener can subscribe twice.
    const own: EndedListener = (ids) => listener(ids);
    if (this.#unlisten === undefined) {
      // Listening first: what comes between the two is read once too often.
      this.#seen = Number.MAX_SAFE_INTEGER;
      this.#unlisten = this.#wake.listen(() => void this.#readNew());
      this.#seen = await this.#client.read(() => lastRecordSeq(this.#client));
    }
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** This process has stored records. */
  stored({ ended, inserted }: StoredRecords): void {
    if (this.#listeners.size === 0) return;
    this.#tell(ended);
    void this.#skipOwn(inserted);
  }

  /** Ends all subscriptions. */
  close(): void {
    this.#listeners.clear();
    this.#unlisten?.();
    this.#unlisten = undefined;
  }

  /** Moves on over own records, if nothing of others lies before them. */
  async #skipOwn(inserted: number): Promise<void> {
    try {
      const last = await this.#client.read(() => lastRecordSeq(this.#client));
      if (last === this.#seen + inserted) this.#seen = last;
    } catch {
      // They will be read, and told once more.
    }
  }

  async #readNew(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      for (let rows = STEP; rows === STEP;) rows = await this.#readStep();
    } catch {
      // The store is closed, or so ill that a fetch will say so.
      this.#tell("unknown");
    } finally {
      this.#reading = false;
    }
  }

  async #readStep(): Promise<number> {
    const rows = await this.#client.read(() =>
      allTuples(this.#client.tuples(NEW), this.#seen)
    );
    const last = rows.at(-1);
    if (last === undefined) return 0;
    this.#seen = last[0] as number;
    this.#tell(
      rows.filter((row) => row[2] === 1).map((row) => textOut(row[1])),
    );
    return rows.length;
  }

  #tell(ids: readonly string[] | "unknown"): void {
    if (ids.length === 0) return;
    for (const listener of [...this.#listeners]) listener(ids);
  }
}
