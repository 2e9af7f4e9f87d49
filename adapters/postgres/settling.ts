/**
 * How a consumer settles its deliveries, and who is told of it.
 *
 * @module
 */

import type { Clock, Settlement } from "../../src/contracts/mod.ts";
import type { Client, Row } from "./client.ts";
import type { EndedFeed } from "./ended_feed.ts";
import {
  endedRecords,
  inTurns,
  settleParams,
  type SettleShape,
  settleSql,
  shapeOf,
} from "./settle.ts";
import type { Signals } from "./signals.ts";

/** Settles batches. */
export class Settling {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #signals: Signals;
  readonly #feed: EndedFeed;
  readonly #schema: string;
  readonly #texts = new Map<string, string>();

  constructor(
    client: Client,
    clock: Clock,
    signals: Signals,
    feed: EndedFeed,
    s: string,
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#signals = signals;
    this.#feed = feed;
    this.#schema = s;
  }

  /**
   * Settles a batch of one consumer.
   *
   * A batch that was committed by an attempt whose answer was lost is told
   * to be stale by the next: it was done once, which is what counts.
   */
  async settle(
    consumer: string,
    batch: readonly Settlement[],
  ): Promise<readonly boolean[]> {
    const held: boolean[] = [];
    for (const turn of inTurns(batch)) {
      held.push(...await this.#settleOnce(consumer, turn));
    }
    return held;
  }

  async #settleOnce(
    consumer: string,
    batch: readonly Settlement[],
  ): Promise<boolean[]> {
    const shape = shapeOf(batch);
    const queues = shape.moves ? queuesOf(batch) : [];
    const offered = queues === null || queues.length > 0
      ? this.#signals.offer(queues)
      : null;
    const ended = endedRecords(batch).map((record) => record.id);
    const params = settleParams(
      consumer,
      batch,
      shape,
      { channel: this.#feed.channel, payloads: this.#feed.payloads(ended) },
      {
        now: this.#clock.now(),
        channel: this.#signals.channel,
        payload: offered,
      },
    );
    let inDoubt = false;
    const [row] = await this.#client.run(this.#text(shape), params, {
      onRetry: () => inDoubt = true,
    });
    const held = whichWereHeld(batch, row);
    if (queues === null || queues.length > 0) {
      this.#signals.queued(queues, offered);
    }
    const told = batch.flatMap(({ result }, at) =>
      held[at] && result?.ended ? [result.id] : []
    );
    this.#feed.stored(inDoubt ? "unknown" : told);
    return held;
  }

  #text(shape: SettleShape): string {
    const key = Object.values(shape).join();
    let text = this.#texts.get(key);
    if (text === undefined) {
      this.#texts.set(key, text = settleSql(this.#schema, shape));
    }
    return text;
  }
}

/** The queues that a batch puts messages into; `null` when nobody knows. */
function queuesOf(batch: readonly Settlement[]): string[] | null {
  const queues = new Set<string>();
  for (const { action, publish } of batch) {
    if (action.kind === "release") return null;
    if (action.kind === "requeue") queues.add(action.message.queue);
    for (const message of publish ?? []) queues.add(message.queue);
  }
  return [...queues];
}

function whichWereHeld(
  batch: readonly Settlement[],
  row: Row | undefined,
): boolean[] {
  const text = row?.[0];
  if (typeof text !== "string") return batch.map(() => true);
  const places = new Set(JSON.parse(text) as number[]);
  return batch.map((_, at) => places.has(at + 1));
}
