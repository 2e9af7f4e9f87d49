/**
 * How a consumer settles its deliveries, and who is told of it.
 *
 * @module
 */

import type {
  Clock,
  Message,
  SettleAction,
  Settlement,
} from "../../src/contracts/mod.ts";
import type { Client, Row } from "./client.ts";
import type { EndedFeed } from "./ended_feed.ts";
import {
  endedRecords,
  type SettleCall,
  settleCall,
  type SettleShape,
} from "./settle.ts";
import { settleSql } from "./settle_sql.ts";
import type { Parts } from "./parts.ts";
import type { Recorded } from "./recorded.ts";
import { isAlreadyThere, RECORD_COLUMNS, toRecord } from "./records.ts";
import { LIMITS_MARK } from "./limits_mark.ts";
import type { Signals } from "./signals.ts";
import { isSpecial } from "./terms.ts";
import { textArray, textOut } from "./text.ts";
import { inTurns } from "./turns.ts";

/** Settles batches. */
export class Settling {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #signals: Signals;
  readonly #feed: EndedFeed;
  readonly #recorded: Recorded;
  readonly #schema: string;
  readonly #fetch: string;
  readonly #texts = new Map<string, string>();

  constructor({ client, clock, signals, feed, recorded }: Parts, s: string) {
    this.#client = client;
    this.#clock = clock;
    this.#signals = signals;
    this.#feed = feed;
    this.#recorded = recorded;
    this.#schema = s;
    this.#fetch = `select ${RECORD_COLUMNS} from ${s}.result
      where id = any ($1::text[])`;
  }

  /**
   * Settles a batch of one consumer.
   *
   * Of a batch that was committed by an attempt whose answer was lost, the
   * next finds no lease; that it held shows in the records that it stored.
   * What stored none is told to be stale: it was done once all the same.
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
    const queues = queuesOf(batch);
    const sender = this.#signals.offerLater();
    const offered = queues === null || queues.length > 0
      ? this.#signals.offer(queues)
      : null;
    const ended = endedRecords(batch).map((record) => record.id);
    const call = (isFirst: boolean) =>
      settleCall(
        consumer,
        batch,
        { channel: this.#feed.channel, payloads: this.#feed.payloads(ended) },
        {
          now: this.#clock.now(),
          channel: this.#signals.channel,
          payload: offered,
          sender,
        },
        isFirst,
      );
    let inDoubt = false;
    const run = async ({ shape, params }: SettleCall) => {
      const [row] = await this.#client.run(this.#text(shape), params, {
        onRetry: () => inDoubt = true,
      });
      return row;
    };
    const first = call(!this.#recorded.hasAny(batch));
    const { shape } = first;
    const row = await run(first).catch((error) => {
      if (!isAlreadyThere(error)) throw error;
      return run(call(false));
    });
    this.#recorded.settled(batch);
    let held = whichWereHeld(batch, row);
    if (inDoubt && held.includes(false)) {
      held = await this.#orStored(batch, held);
    }
    if (queues === null || queues.length > 0) {
      this.#signals.queued(queues, offered);
    }
    if (shape.special && (inDoubt || row?.at(-1) === true)) {
      this.#signals.queued([LIMITS_MARK], sender);
    }
    if (shape.ends !== "none") {
      const bodies = inDoubt ? null : bodyQueues(row);
      if (bodies?.length !== 0) this.#signals.queued(bodies, sender);
    }
    const told = batch.flatMap(({ result }, at) =>
      held[at] && result?.ended ? [result.id] : []
    );
    this.#feed.stored(inDoubt ? "unknown" : told);
    return held;
  }

  /** Held were also those whose records are stored. */
  async #orStored(
    batch: readonly Settlement[],
    held: readonly boolean[],
  ): Promise<boolean[]> {
    const ids = batch.flatMap(({ result }) => result?.id ?? []);
    const rows = await this.#client.run(this.#fetch, [textArray(ids)]);
    const stored = new Map(rows.map((row) => [textOut(row[0]), toRecord(row)]));
    return batch.map(({ result }, at) => {
      const found = stored.get(result?.id ?? "");
      return held[at] === true ||
        (found !== undefined && result?.worker === found.worker &&
          result.updatedAt === found.updatedAt && result.value === found.value);
    });
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
    if (mayArrive(action, publish)) queues.add(LIMITS_MARK);
  }
  return [...queues];
}

/** Whether messages with terms come into queues. */
function mayArrive(
  action: SettleAction,
  publish: readonly Message[] = [],
): boolean {
  return publish.some(isSpecial) ||
    (action.kind === "requeue" && isSpecial(action.message));
}

/** The queues that bodies of groups went to. */
function bodyQueues(row: Row | undefined): string[] {
  const text = row?.[2];
  if (typeof text !== "string") return [];
  return (JSON.parse(text) as string[]).map(textOut);
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
