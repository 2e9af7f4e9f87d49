/**
 * The inspector.
 *
 * @module
 */

import type {
  Clock,
  ConsumerStats,
  Inspector,
  Limit,
  LimitState,
  LiveFilter,
  LiveStatus,
  LiveTask,
  Page,
  PageRequest,
  QueueStats,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { queuesOf, scopedLimit } from "./cluster/scope.ts";
import { packLimit } from "./conditions.ts";
import { unpackConsumer } from "./consumers.ts";
import { escapeLine, unescapeLine, unpackMessage } from "./format.ts";
import {
  CONSUMERS,
  FIND,
  QUEUED,
  QUEUES,
  RUNNING,
  SCHEDULED,
} from "./scripts/inspect.ts";
import { LIMITS } from "./scripts/limits.ts";

type Description = readonly [
  id: string,
  entry: string,
  consumer: string,
  losses: string | null,
  cancelled: string | null,
  place: string,
];

const LISTS = { queued: QUEUED, scheduled: SCHEDULED, running: RUNNING };

/** Views of what is in Redis. */
export class RedisInspector implements Inspector {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #given: Clock | null;

  /** @param given by which rates are measured; `null` is the server's time */
  constructor(client: Client, clock: Clock, given: Clock | null) {
    this.#client = client;
    this.#clock = clock;
    this.#given = given;
  }

  async find(
    ids: readonly string[],
  ): Promise<readonly (LiveTask | undefined)[]> {
    if (ids.length === 0) return [];
    const lines = ids.map(escapeLine);
    const found = await this.#client.run(FIND, lines) as Description[];
    return found.map((one) =>
      one[5] === "" ? undefined : toTask(one, one[5] as LiveStatus)
    );
  }

  async tasks(
    { status, queue }: LiveFilter,
    { limit, cursor }: PageRequest,
  ): Promise<Page<LiveTask>> {
    const [next, all] = await this.#client.run(LISTS[status], [
      cursor ?? "",
      limit,
      queue === undefined ? "" : escapeLine(queue),
    ]) as [string, Description[]];
    return {
      items: all.map((one) => toTask(one, status)),
      cursor: next === "" ? null : next,
    };
  }

  async limits(limits: readonly Limit[]): Promise<readonly LimitState[]> {
    if (limits.length === 0) return [];
    const all = await this.#client.run(LIMITS, [
      this.#clock.now(),
      this.#given?.now() ?? "",
      ...limits.map(packLimit),
    ]) as [number, string, string[]][];
    return all.map(([taken, opensAt, holders]) => ({
      holders: holders.map(unescapeLine),
      taken,
      opensAt: opensAt === "" ? null : Number(opensAt),
    }));
  }

  /** How those of each queue stand that has limits for itself. */
  async limitsInQueues(
    limits: readonly Limit[],
  ): Promise<readonly (readonly LimitState[])[]> {
    const queues = ["", ...await queuesOf(this.#client)];
    return await Promise.all(
      queues.map((queue) =>
        this.limits(limits.map((limit) => scopedLimit(queue, limit)))
      ),
    );
  }

  async queues(): Promise<readonly QueueStats[]> {
    const all = await this.#client.run(QUEUES, []) as [
      string,
      number,
      number,
      number,
      number,
    ][];
    return all
      .map(([line, queued, scheduled, running, paused]) => ({
        queue: unescapeLine(line),
        ...{ queued, scheduled, running },
        paused: paused === 1,
      }))
      .sort((a, b) => a.queue < b.queue ? -1 : 1);
  }

  async consumers(): Promise<readonly ConsumerStats[]> {
    const all = await this.#client.run(CONSUMERS, []) as [
      string,
      string,
      number,
    ][];
    return all
      .map(([line, said, held]) => ({ ...unpackConsumer(line, said), held }))
      .sort((a, b) =>
        a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1
      );
  }
}

function toTask(
  [line, entry, consumer, losses, cancelled]: Description,
  status: LiveStatus,
): LiveTask {
  const message = unpackMessage(line, entry);
  return {
    ...message,
    status,
    consumer: consumer === "" ? null : unescapeLine(consumer),
    losses: Number(losses ?? 0),
    cancelled: (cancelled ?? "") !== "",
  };
}
