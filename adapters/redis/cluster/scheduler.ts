/**
 * The scheduler in a cluster. Entries have a slot of their own, queues lie in
 * others: so entries are moved on first, together with a note of what they
 * owe, and that is published then. What a crash left owed is published by who
 * takes the lead next; if it was published already, its ids make that
 * harmless for as long as they are live.
 *
 * @module
 */

import type {
  Broker,
  Candidate,
  Clock,
  Firing,
  Leadership,
  SchedulePage,
  SchedulePut,
  Scheduler,
  ScheduleRecord,
} from "../../../src/contracts/mod.ts";
import type { Client } from "../client.ts";
import { within } from "../connection.ts";
import { type FiringStep, moveArguments, stepsOf } from "../entries.ts";
import { checkNames } from "../format.ts";
import { answers } from "../messages.ts";
import { RedisScheduler } from "../scheduler.ts";
import { CLAIM } from "../scripts/entries.ts";
import { Debts } from "./debts.ts";

/** After this a store that owes is taken for dead, in ms. */
const OVERDUE = 60_000;
/** The part of a lease that collecting debts may take before it goes on. */
const PATIENT_PART = 0.25;

/** Schedule entries and their leader in a cluster. */
export class ClusterScheduler implements Scheduler {
  readonly #client: Client;
  readonly #given: Clock | null;
  readonly #entries: RedisScheduler;
  readonly #debts: Debts;
  /** Who led from here when all debts were collected. */
  #led: string | null = null;

  /**
   * @param client whose prefix holds the hash tag of the entries
   * @param given by which leases end; `null` is the server's time
   */
  constructor(
    client: Client,
    clock: Clock,
    given: Clock | null,
    broker: Pick<Broker, "publish">,
  ) {
    this.#client = client;
    this.#given = given;
    this.#entries = new RedisScheduler(client, clock, given);
    this.#debts = new Debts(client, broker);
  }

  put(batch: readonly SchedulePut[]): Promise<readonly (number | null)[]> {
    return this.#entries.put(batch);
  }

  remove(names: readonly string[]): Promise<readonly boolean[]> {
    return this.#entries.remove(names);
  }

  fetch(
    names: readonly string[],
  ): Promise<readonly (ScheduleRecord | null)[]> {
    return this.#entries.fetch(names);
  }

  list(after: string | null, limit: number): Promise<SchedulePage> {
    return this.#entries.list(after, limit);
  }

  async fire(batch: readonly Firing[]): Promise<readonly boolean[]> {
    for (const { messages } of batch) messages.forEach(checkNames);
    const fired = stepsOf(batch).map((step) =>
      this.#debts.keep(step.messages, () => this.#fire(step))
    );
    return (await Promise.all(fired)).flat();
  }

  async lead(candidate: Candidate): Promise<Leadership> {
    const leadership = await this.#entries.lead(candidate);
    const { id, now } = leadership;
    if (id !== candidate.id) {
      this.#led = null;
      return leadership;
    }
    // What cannot be published now must not cost the lead, and is tried again
    // when that is renewed.
    await within(candidate.lease * PATIENT_PART, this.#collect(id, now))
      .catch(() => {});
    return leadership;
  }

  async resign(id: string): Promise<void> {
    this.#led = null;
    await this.#entries.resign(id);
  }

  leader(): Promise<Leadership> {
    return this.#entries.leader();
  }

  async #fire(step: FiringStep): Promise<boolean[]> {
    const { firings, messages, owners } = step;
    const args = [this.#given?.now() ?? "", ...moveArguments(firings)];
    messages.forEach((message, at) => {
      const text = this.#debts.write(message);
      args.push(message.id, owners[at] ?? -1, text);
    });
    const late = await this.#client.once(CLAIM, args);
    const fired = answers(firings.length, late);
    await this.#debts.pay(messages.filter((_, at) => fired[owners[at] ?? -1]));
    return fired;
  }

  /** Who renews its lead leaves alone what others may be about to publish. */
  async #collect(id: string, now: number): Promise<void> {
    const anew = this.#led !== id;
    await this.#debts.collect((debt) =>
      anew || this.#debts.isOwn(debt) || debt.since < now - OVERDUE
    );
    this.#led = id;
  }
}
