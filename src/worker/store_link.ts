/**
 * Whether a store answers a worker: said once when it does not any more, and
 * once when it does again, however many calls fail in between. One that is all
 * but full takes one call and refuses the next: that it is back is said when
 * nothing has failed for a while.
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
 * give, and one of several servers may give some while another is away: so one
 * that works says nothing of the others.
 */
export type Purpose = "heartbeats" | "tasks" | "all tasks" | "writes";

/** The links of a worker; where both stores are one, so are these. */
export interface StoreLinks {
  readonly broker: StoreLink;
  readonly backend: StoreLink;
}

/**
 * The links to opened stores.
 *
 * @param quiet for how long (ms) nothing may have failed
 */
export function linksTo(
  { broker, backend }: OpenStores,
  clock: Clock,
  quiet: number,
): StoreLinks {
  const link = new StoreLink(broker.address, clock, quiet);
  return {
    broker: link,
    backend: backend === broker
      ? link
      : new StoreLink(backend.address, clock, quiet),
  };
}

/** What the worker hears of one store. */
export class StoreLink {
  readonly #address: string;
  readonly #clock: Clock;
  readonly #quiet: number;
  readonly #failing = new Set<Purpose>();
  #isAway = false;
  #awaySince = 0;
  #lastFailure = 0;
  #backSince: number | null = null;
  #trouble = "";

  /**
   * @param address the store's, for people
   * @param quiet for how long (ms) nothing may have failed
   */
  constructor(address: string, clock: Clock, quiet: number) {
    this.#address = address;
    this.#clock = clock;
    this.#quiet = quiet;
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
    this.#failing.add(purpose);
    this.#lastFailure = this.#clock.now();
    this.#backSince = null;
    this.#trouble = error.message;
    const properties = { what, error: error.message };
    if (this.#isAway) return log.debug("{what}: {error}", properties);
    this.#isAway = true;
    this.#awaySince = this.#lastFailure;
    log.error("{error}. The worker goes on trying", properties);
  }

  /** A call was answered. */
  answered(purpose: Purpose): void {
    if (!this.#isAway) return;
    this.#failing.delete(purpose);
    if (this.#failing.size > 0) return;
    const now = this.#clock.now();
    this.#backSince ??= now;
    if (now - this.#lastFailure < this.#quiet) return;
    this.#isAway = false;
    log.info("The store {address} is back after {seconds} s", {
      address: this.#address,
      seconds: Math.ceil((this.#backSince - this.#awaySince) / 1000),
    });
  }
}
