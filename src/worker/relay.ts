/**
 * Relays what waits in the outbox to the broker: at least once, and once as
 * far as can be known, because a message keeps its id, and a result says of
 * which sending it is.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Delivery, Message, Settlement } from "../contracts/broker.ts";
import type { Clock } from "../contracts/clock.ts";
import type { ResultRecord } from "../contracts/result_backend.ts";
import type { Store } from "../contracts/store.ts";
import { decodeEnvelope } from "../message/envelope.ts";
import { uuid7 } from "../message/ids.ts";
import { decodeMeta } from "../message/result_meta.ts";
import { OUTBOX_QUEUE, unwrap } from "../producer/outbox.ts";
import { startingOver } from "../producer/start_over.ts";
import type { OpenStores } from "../producer/stores.ts";
import { pause } from "../service/clock.ts";
import { type Service, startAll, stopAll } from "../service/service.ts";
import { Heartbeat } from "./heartbeat.ts";
import { type Purpose, StoreLink } from "./store_link.ts";
import { recoverer } from "./upkeep.ts";

const log = getLogger(["lovage", "worker"]);

const BATCH = 1000;
// Pauses between tries while a store does not answer (ms).
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2000;

/** What a relay works with. */
export interface RelayParts {
  /** Where messages wait for their transaction. */
  readonly outbox: Store;
  /** Where they go, and where their results will be. */
  readonly stores: OpenStores;
  /** Whether the store where they go answers. */
  readonly link: StoreLink;
  /** The node name of the worker. */
  readonly hostname: string;
  /** How long the worker may be silent, in ms. */
  readonly lease: number;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** What a batch of deliveries carries. */
interface Unwrapped {
  readonly messages: readonly Message[];
  /** The ids of those that may have been relayed before. */
  readonly doubtful: ReadonlySet<string>;
  readonly settlements: readonly Settlement[];
}

/** Relays for one worker. */
export class Relay implements Service {
  readonly name = "relay";
  readonly #parts: RelayParts;
  readonly #id: string = uuid7();
  readonly #stopping = new AbortController();
  readonly #upkeep: readonly Service[];
  readonly #outboxLink: StoreLink;
  #loop: Promise<void> = Promise.resolve();
  #isClean = true;

  /** It relays nothing before it is started. */
  constructor(parts: RelayParts) {
    const { outbox, hostname, lease, clock } = parts;
    this.#parts = parts;
    const details = { relay: true, queues: [OUTBOX_QUEUE] };
    const link = new StoreLink(outbox.address, clock, lease / 2);
    const heartbeat = new Heartbeat({
      store: outbox,
      link,
      clock,
      info: () => ({ id: this.#id, name: hostname, lease, details }),
      cancel: () => {},
      revoked: () => {},
      lost: () => {},
    });
    this.#upkeep = [
      heartbeat,
      recoverer(outbox, lease, clock, heartbeat, link),
    ];
    this.#outboxLink = link;
  }

  /** Begins to relay. */
  async start(): Promise<void> {
    await startAll(this.#upkeep);
    this.#loop = this.#run();
  }

  /** Relays no more; what it has not relayed goes to other workers. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await stopAll(this.#upkeep);
    // What may be relayed already is not given back, but lapses with its
    // lease: the loss tells the next relay to look.
    if (this.#isClean) {
      await this.#parts.outbox.broker.leave(this.#id).catch(() => {});
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    try {
      while (!signal.aborted) await this.#relay();
    } catch {
      // Stopped while a store was away: said already.
      this.#isClean = false;
    }
  }

  // Published first, then acknowledged, so that nothing is lost in between.
  async #relay(): Promise<void> {
    const { outbox } = this.#parts;
    const deliveries = await this.#persistently(
      this.#outboxLink,
      "tasks",
      () =>
        outbox.broker.reserve({
          consumer: this.#id,
          queues: [OUTBOX_QUEUE],
          limit: BATCH,
          wait: true,
          signal: this.#stopping.signal,
        }),
    );
    if (deliveries.length === 0) return;
    const { messages, doubtful, settlements } = unwrapAll(deliveries);
    await this.#persistently(this.#parts.link, "writes", async (tries) => {
      // A publication that failed may have been done all the same.
      const unsent = tries === 1
        ? await this.#unsent(messages, doubtful)
        : await this.#unsent(messages);
      if (unsent.length === 0) return;
      const { stores } = this.#parts;
      await startingOver(
        stores,
        unsent.map(({ id }) => id),
        () => stores.broker.broker.publish(unsent),
      );
    });
    await this.#persistently(
      this.#outboxLink,
      "writes",
      () => outbox.broker.settle(this.#id, settlements),
    );
  }

  /**
   * Without those that have been sent and have ended: the broker absorbs only
   * what is live. Of a task that ignores its result nobody knows.
   */
  async #unsent(
    messages: readonly Message[],
    doubtful?: ReadonlySet<string>,
  ): Promise<readonly Message[]> {
    const ids = messages.map(({ id }) => id)
      .filter((id) => doubtful?.has(id) ?? true);
    if (ids.length === 0) return messages;
    const records = await this.#parts.stores.backend.results.fetch(ids);
    const ended = new Map(
      records.flatMap((record) => record?.ended ? [[record.id, record]] : []),
    );
    return messages.filter((message) => {
      const record = ended.get(message.id);
      return record === undefined || !isOf(record, message);
    });
  }

  /** Tries until it succeeds, or the relay is stopped. */
  async #persistently<T>(
    link: StoreLink,
    purpose: Purpose,
    work: (tries: number) => Promise<T>,
  ): Promise<T> {
    const { signal } = this.#stopping;
    let ms = FIRST_PAUSE;
    for (let tries = 1;; tries++) {
      try {
        const done = await work(tries);
        link.answered(purpose);
        return done;
      } catch (error) {
        if (signal.aborted) throw error;
        link.failed(purpose, error, "The outbox could not be relayed");
        await pause(this.#parts.clock, ms, signal);
        ms = Math.min(ms * 2, LONGEST_PAUSE);
      }
    }
  }
}

function unwrapAll(deliveries: readonly Delivery[]): Unwrapped {
  const messages: Message[] = [];
  const doubtful = new Set<string>();
  const settlements = deliveries.map((delivery): Settlement => {
    const { id, token, losses } = delivery;
    try {
      const message = unwrap(delivery.body);
      messages.push(message);
      if (losses > 0) doubtful.add(message.id);
      return { id, token, action: { kind: "ack" } };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      log.error("{id} is a dead letter of the outbox now: {detail}", {
        id,
        detail,
      });
      return {
        id,
        token,
        action: { kind: "dead", reason: "DecodeError", detail },
      };
    }
  });
  return { messages, doubtful, settlements };
}

/** Whether a result is of this sending of its task, and not of one before. */
function isOf(record: ResultRecord, message: Message): boolean {
  const sentAt = sentAtOf(message);
  const { times = {} } = decodeMeta(record.meta);
  return times["PENDING"] === undefined
    // Revoked while it waited.
    ? record.updatedAt >= sentAt
    : times["PENDING"] === sentAt;
}

function sentAtOf({ body }: Message): number {
  try {
    return decodeEnvelope(body).sentAt;
  } catch {
    // The worker that gets it says what is wrong with it.
    return Infinity;
  }
}
