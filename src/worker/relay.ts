/**
 * Relays what waits in the outbox to the broker: at least once, and once as
 * long as the task is live, because a message keeps its id.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Delivery, Message, Settlement } from "../contracts/broker.ts";
import type { Clock } from "../contracts/clock.ts";
import type { Store } from "../contracts/store.ts";
import { uuid7 } from "../message/ids.ts";
import { OUTBOX_QUEUE, unwrap } from "../producer/outbox.ts";
import { pause } from "../service/clock.ts";
import { type Service, startAll, stopAll } from "../service/service.ts";
import { Heartbeat } from "./heartbeat.ts";
import { recoverer } from "./upkeep.ts";

const log = getLogger(["lovage", "worker"]);

const BATCH = 1000;
// Pause after a store did not answer (ms).
const PAUSE = 1000;

/** What a relay works with. */
export interface RelayParts {
  /** Where messages wait for their transaction. */
  readonly outbox: Store;
  /** Where they go. */
  readonly broker: Store;
  /** The node name of the worker. */
  readonly hostname: string;
  /** How long the worker may be silent, in ms. */
  readonly lease: number;
  /** Where time comes from. */
  readonly clock: Clock;
}

/** Relays for one worker. */
export class Relay implements Service {
  readonly name = "relay";
  readonly #parts: RelayParts;
  readonly #id: string = uuid7();
  readonly #stopping = new AbortController();
  readonly #upkeep: readonly Service[];
  #loop: Promise<void> = Promise.resolve();

  /** It relays nothing before it is started. */
  constructor(parts: RelayParts) {
    const { outbox, hostname, lease, clock } = parts;
    this.#parts = parts;
    const details = { relay: true, queues: [OUTBOX_QUEUE] };
    const heartbeat = new Heartbeat({
      store: outbox,
      clock,
      info: () => ({ id: this.#id, name: hostname, lease, details }),
      cancel: () => {},
    });
    this.#upkeep = [heartbeat, recoverer(outbox, lease, clock, heartbeat)];
  }

  /** Begins to relay. */
  async start(): Promise<void> {
    await startAll(this.#upkeep);
    this.#loop = this.#run();
  }

  /** Relays no more; what it holds goes to other workers. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await stopAll(this.#upkeep);
    await this.#parts.outbox.broker.leave(this.#id).catch(() => {});
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#relay(signal);
      } catch (error) {
        log.error("The outbox could not be relayed: {error}", {
          error: String(error),
        });
        await pause(this.#parts.clock, PAUSE, signal);
      }
    }
  }

  // Published first, then acknowledged: what is repeated in between is
  // absorbed by its id.
  async #relay(signal: AbortSignal): Promise<void> {
    const { outbox, broker } = this.#parts;
    const deliveries = await outbox.broker.reserve({
      consumer: this.#id,
      queues: [OUTBOX_QUEUE],
      limit: BATCH,
      wait: true,
      signal,
    });
    if (deliveries.length === 0) return;
    const messages: Message[] = [];
    const settlements = deliveries.map((delivery) =>
      settlementOf(delivery, messages)
    );
    await this.#publish(broker, messages, signal);
    if (!signal.aborted) await outbox.broker.settle(this.#id, settlements);
  }

  async #publish(
    broker: Store,
    messages: readonly Message[],
    signal: AbortSignal,
  ): Promise<void> {
    while (messages.length > 0 && !signal.aborted) {
      try {
        await broker.broker.publish(messages);
        return;
      } catch (error) {
        log.error(
          "{count} messages wait in the outbox for the broker: {error}",
          { count: messages.length, error: String(error) },
        );
        await pause(this.#parts.clock, PAUSE, signal);
      }
    }
  }
}

/** Unwraps a delivery; one that carries nothing is a dead letter. */
function settlementOf(delivery: Delivery, messages: Message[]): Settlement {
  const { id, token } = delivery;
  try {
    messages.push(unwrap(delivery.body));
    return { id, token, action: { kind: "ack" } };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      id,
      token,
      action: { kind: "dead", reason: "DecodeError", detail },
    };
  }
}
