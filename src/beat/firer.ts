/**
 * Fires entries: their tasks go the way of all that is sent, through the
 * middleware and past the listeners, and are published with the firing.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Firing } from "../contracts/scheduler.ts";
import type { Store } from "../contracts/store.ts";
import {
  ConfigError,
  DecodeError,
  EncodeError,
  ScheduleError,
  StoreError,
} from "../errors.ts";
import type { Internals } from "../internals.ts";
import { revoke } from "../producer/revoke.ts";
import { decodeState } from "../schedules/entry_state.ts";
import { Batcher } from "../service/batcher.ts";
import type { Item } from "./agenda.ts";
import { envelopesOf, firingOf, type Plan, planOf } from "./firing.ts";

const log = getLogger(["lovage", "beat"]);

/** The most firings of one call. */
const LARGEST_FIRE = 500;

/** What came of an entry that was due. */
export type Fired =
  /** It was fired. */
  | {
    readonly kind: "fired";
    readonly item: Item;
    readonly plan: Plan;
    readonly firing: Firing;
  }
  /** It was changed meanwhile, or fired by another beat. */
  | { readonly kind: "superseded"; readonly item: Item }
  /** It cannot be sent as it is. */
  | { readonly kind: "refused"; readonly item: Item; readonly error: Error }
  /** The middleware has thrown. */
  | { readonly kind: "failed"; readonly item: Item; readonly error: Error }
  /** The store did not answer: it may be fired. */
  | { readonly kind: "unanswered"; readonly item: Item; readonly error: Error };

/** Fires entries that are due. */
export class Firer {
  readonly #app: Internals;
  readonly #store: Store;
  readonly #fires: Batcher<Firing, boolean>;

  /** @param store where the entries are */
  constructor(app: Internals, store: Store) {
    this.#app = app;
    this.#store = store;
    this.#fires = new Batcher(
      (batch) => store.scheduler.fire(batch),
      { maxBatch: LARGEST_FIRE },
    );
  }

  /**
   * Fires entries.
   *
   * @param now the store's time, epoch ms
   * @throws {StoreError} when the store cannot be asked what runs
   */
  async fire(items: readonly Item[], now: number): Promise<readonly Fired[]> {
    const running = await this.#running(items);
    const deadline = this.#app.settings().beatCronStartingDeadline;
    const plans = items.map((item) =>
      planOf(item, { now, deadline, isRunning: running.has(item) })
    );
    await this.#makeRoom(plans);
    return await Promise.all(plans.map((plan) => this.#fireOne(plan)));
  }

  async #fireOne(plan: Plan): Promise<Fired> {
    const { item } = plan;
    try {
      const envelopes = envelopesOf(this.#app, plan);
      const firing = await this.#publish(plan, envelopes);
      return firing === null
        ? { kind: "superseded", item }
        : { kind: "fired", item, plan, firing };
    } catch (error) {
      const kind = error instanceof StoreError
        ? "unanswered"
        : isOfEntry(error)
        ? "refused"
        : "failed";
      return { kind, item, error: error as Error };
    }
  }

  /** Publishes and fires; `null` if the entry is not as it was. */
  async #publish(
    plan: Plan,
    envelopes: ReturnType<typeof envelopesOf>,
  ): Promise<Firing | null> {
    let firing: Firing | null = null;
    let isFired: boolean | undefined;
    const fire = async (messages: Firing["messages"]) => {
      firing = firingOf(plan, messages);
      [isFired] = await this.#fires.add([firing]);
      if (isFired !== true) throw new Superseded();
    };
    try {
      if (envelopes.length > 0) {
        await this.#app.producer.publish(envelopes, {
          options: {},
          idsChosen: false,
          via: fire,
        });
      }
      // Nothing is sent, or the middleware dropped it: the time is over.
      if (isFired === undefined) await fire([]);
    } catch (error) {
      if (error instanceof Superseded) return null;
      throw error;
    }
    return firing;
  }

  // Whose last task is not over: of those alone that it means something to.
  async #running(items: readonly Item[]): Promise<ReadonlySet<Item>> {
    const watched = items.flatMap((item) => {
      if (item.json.overlap === "allow") return [];
      const { lastTaskId } = decodeState(item.record.state);
      return lastTaskId === null ? [] : [{ item, lastTaskId }];
    });
    if (watched.length === 0) return new Set();
    const { inspector } = this.#store;
    const live = await inspector.find(watched.map((each) => each.lastTaskId));
    return new Set(
      watched.flatMap(({ item }, at) => live[at] ? [item] : []),
    );
  }

  async #makeRoom(plans: readonly Plan[]): Promise<void> {
    const ids = plans.flatMap(({ replaces }) =>
      replaces === null ? [] : [replaces]
    );
    if (ids.length === 0) return;
    await revoke(this.#app, ids, { terminate: true });
    log.info("Revoked {ids}: the next is due", { ids });
  }
}

/** Whether an error lies in what the entry says. */
function isOfEntry(error: unknown): boolean {
  return error instanceof ConfigError || error instanceof ScheduleError ||
    error instanceof EncodeError || error instanceof DecodeError;
}

/** The entry is not as it was when it was read. */
class Superseded extends Error {}
