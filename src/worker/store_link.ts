/**
 * Whether a store answers a worker: said once when it does not any more, and
 * once when it does again, however many calls fail in between.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Clock } from "../contracts/clock.ts";
import { StoreError } from "../errors.ts";
import type { OpenStores } from "../producer/stores.ts";

const log = getLogger(["lovage", "worker"]);

/**
 * What a call is for. A store that is full takes nothing, but has tasks to
 * give: so one that works says nothing of the other.
 */
export type Purpose = "tasks" | "writes";

/** The links of a worker; where both stores are one, so are these. */
export interface StoreLinks {
  readonly broker: StoreLink;
  readonly backend: StoreLink;
}

/** The links to opened stores. */
export function linksTo(
  { broker, backend }: OpenStores,
  clock: Clock,
): StoreLinks {
  const link = new StoreLink(broker.address, clock);
  return {
    broker: link,
    backend: backend === broker ? link : new StoreLink(backend.address, clock),
  };
}

/** What the worker hears of one store. */
export class StoreLink {
  readonly #address: string;
  readonly #clock: Clock;
  readonly #failing = new Set<Purpose>();
  #awaySince = 0;
  #trouble = "";

  /** @param address the store's, for people */
  constructor(address: string, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
  }

  /** Why it does not answer; `null` while it does. */
  get trouble(): string | null {
    return this.#failing.size === 0 ? null : this.#trouble;
  }

  /**
   * A call has failed, and will be tried again.
   *
   * @param what what failed, should that not be the fault of the store
   */
  failed(purpose: Purpose, error: unknown, what: string): void {
    if (!(error instanceof StoreError)) {
      log.error("{what}: {error}", { what, error: String(error) });
      return;
    }
    const isNews = this.#failing.size === 0;
    this.#failing.add(purpose);
    this.#trouble = error.message;
    const properties = { what, error: error.message };
    if (!isNews) return log.debug("{what}: {error}", properties);
    this.#awaySince = this.#clock.now();
    log.error("{error}. The worker goes on trying", properties);
  }

  /** A call was answered. */
  answered(purpose: Purpose): void {
    if (!this.#failing.delete(purpose) || this.#failing.size > 0) return;
    log.info("The store {address} is back after {seconds} s", {
      address: this.#address,
      seconds: Math.ceil((this.#clock.now() - this.#awaySince) / 1000),
    });
  }
}
