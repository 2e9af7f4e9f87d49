/**
 * Which beat sends: the one that holds the lease. The others wait until it
 * ends.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type {
  Candidate,
  Leadership as Lead,
  Scheduler,
} from "../contracts/scheduler.ts";

const log = getLogger(["lovage", "beat"]);

/** One beat's part in it. */
export class Leadership {
  readonly #scheduler: Scheduler;
  readonly #candidate: Candidate;
  #leads = false;
  #known: string | null | undefined;

  /** Nobody leads yet, as far as it knows. */
  constructor(scheduler: Scheduler, candidate: Candidate) {
    this.#scheduler = scheduler;
    this.#candidate = candidate;
  }

  /** Whether this beat led when the store was last asked. */
  get leads(): boolean {
    return this.#leads;
  }

  /**
   * Takes the lead if it can be had, or keeps it.
   *
   * @throws {StoreError} when the store does not answer
   */
  async take(): Promise<Lead> {
    const lead = await this.#scheduler.lead(this.#candidate);
    this.#leads = lead.id === this.#candidate.id;
    this.#say(lead);
    return lead;
  }

  /** Gives the lead up, if it has it. */
  async resign(): Promise<void> {
    if (!this.#leads) return;
    this.#leads = false;
    await this.#scheduler.resign(this.#candidate.id);
  }

  #say({ id, name }: Lead): void {
    if (id === this.#known) return;
    const before = this.#known;
    this.#known = id;
    if (this.#leads) log.info("{name} sends what is due", { name });
    else if (before === this.#candidate.id) {
      log.warn("{name} has taken over: this beat was silent for too long", {
        name,
      });
    } else log.info("{name} sends what is due; this beat stands by", { name });
  }
}
