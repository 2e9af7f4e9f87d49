/**
 * Waits for results: one subscription for all that wait in this process, and
 * one batched fetch for all that may have ended.
 *
 * @module
 */

import type { ResultRecord } from "../contracts/result_backend.ts";
import { LovageError } from "../errors.ts";
import { Batcher } from "../service/batcher.ts";
import { LONGEST_TIMER, systemClock } from "../service/clock.ts";
import type { Stores } from "./stores.ts";

// Who waits once often waits again soon: the subscription is kept so long (ms).
const LINGER = 10_000;

/** Called with the record of a task that has ended. */
type Told = (record: ResultRecord) => void;

/**
 * Tells those who wait for tasks when they end. Subscribed to the backend only
 * while somebody waits.
 */
export class ResultWaiter {
  readonly #stores: Stores;
  readonly #waiting = new Map<string, Set<Told>>();
  readonly #fetches: Batcher<string, ResultRecord | undefined>;
  readonly #refusals = new Set<(reason: Error) => void>();
  #subscription: Promise<() => void> | null = null;
  #cancelLinger: () => void = () => {};

  /** Nothing is subscribed to yet. */
  constructor(stores: Stores) {
    this.#stores = stores;
    this.#fetches = new Batcher(async (ids) => {
      const { backend } = await stores.open();
      return await backend.results.fetch(ids);
    });
  }

  /** The record of a task; concurrent calls share a fetch. */
  async fetch(id: string): Promise<ResultRecord | undefined> {
    return (await this.#fetches.add([id]))[0];
  }

  /**
   * Resolves with the record of a task once it has ended.
   *
   * @param recheck look again after so many ms, should a notification be lost
   * @returns `undefined` when the signal aborts before
   * @throws {LovageError} when the app is closed before
   */
  async ended(
    id: string,
    recheck: number,
    signal: AbortSignal,
  ): Promise<ResultRecord | undefined> {
    let told: Told = () => {};
    let giveUp = () => {};
    let refuse = (_reason: Error) => {};
    const record = new Promise<ResultRecord | undefined>((resolve, reject) => {
      told = resolve;
      giveUp = () => resolve(undefined);
      refuse = reject;
    });
    // It may be refused before it is awaited.
    record.catch(() => {});
    this.#refusals.add(refuse);
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    this.#add(id, told);
    // The interval also keeps the process alive while somebody waits.
    const interval = setInterval(
      () => this.#look([id]),
      Math.min(recheck, LONGEST_TIMER),
    );
    try {
      // Who is let go meanwhile does not wait until it would be told.
      await Promise.race([this.#subscribe(), record]);
      this.#look([id]);
      return await record;
    } finally {
      clearInterval(interval);
      this.#refusals.delete(refuse);
      signal.removeEventListener("abort", giveUp);
      this.#remove(id, told);
    }
  }

  /** Lets nobody wait any longer. */
  refuse(): void {
    const reason = new LovageError(
      "The app was closed while a result was waited for; the task goes on",
    );
    for (const refuse of this.#refusals) refuse(reason);
  }

  /** Ends the subscription. */
  async close(): Promise<void> {
    this.#cancelLinger();
    const subscription = this.#subscription;
    this.#subscription = null;
    await subscription?.then((end) => end(), () => {});
  }

  #add(id: string, told: Told): void {
    const set = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, set.add(told));
  }

  #remove(id: string, told: Told): void {
    const set = this.#waiting.get(id);
    set?.delete(told);
    if (set?.size === 0) this.#waiting.delete(id);
    if (this.#waiting.size > 0 || this.#subscription === null) return;
    this.#cancelLinger();
    this.#cancelLinger = systemClock.timer(LINGER, () => void this.close());
  }

  async #subscribe(): Promise<void> {
    this.#cancelLinger();
    this.#subscription ??= this.#stores.open().then(({ backend }) =>
      backend.results.subscribe((ids) =>
        this.#look(ids === "unknown" ? [...this.#waiting.keys()] : ids)
      )
    );
    try {
      await this.#subscription;
    } catch (error) {
      this.#subscription = null;
      throw error;
    }
  }

  #look(ids: readonly string[]): void {
    const wanted = ids.filter((id) => this.#waiting.has(id));
    if (wanted.length === 0) return;
    // An error here is not the end of the wait: the interval looks again.
    this.#fetches.add(wanted).then((records) => {
      for (const record of records) {
        if (record?.ended !== true) continue;
        for (const told of this.#waiting.get(record.id) ?? []) told(record);
      }
    }, () => {});
  }
}
