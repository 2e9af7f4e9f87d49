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
  LiveTask,
  Page,
  PageRequest,
  QueueStats,
} from "../../src/contracts/mod.ts";
import type { Client } from "./client.ts";
import { listLive, readLive } from "./live_tasks.ts";
import { stateOf } from "./meters.ts";
import { pausedQueues } from "./pause.ts";
import { allTuples, firstTuple, textOut } from "./rows.ts";
import { isLine, queueOf } from "./terms.ts";

const FIND = "select seq from lovage_task where id = ?";
const READY = `select queue, count(*) from lovage_task
  indexed by lovage_task_ready
  where consumer is null and due is null group by queue`;
const SCHEDULED = `select queue, count(*) from lovage_task
  indexed by lovage_task_scheduled
  where consumer is null and due is not null group by queue`;
const HELD = `select queue, count(*) from lovage_task
  indexed by lovage_task_held where consumer is not null group by queue`;
const CONSUMERS = `select id, name, lease, details, seen_at,
  (select count(*) from lovage_task indexed by lovage_task_held
    where consumer is not null and consumer = lovage_consumer.id)
  from lovage_consumer where registered = 1 order by name, id`;

/** Views of a SQLite file. */
export class SqliteInspector implements Inspector {
  readonly #client: Client;
  readonly #clock: Clock;

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  find(ids: readonly string[]): Promise<readonly (LiveTask | undefined)[]> {
    return this.#client.read(() =>
      ids.map((id) => {
        const seq = firstTuple(this.#client.tuples(FIND), id)?.[0];
        return typeof seq === "number"
          ? readLive(this.#client, seq)
          : undefined;
      })
    );
  }

  tasks(filter: LiveFilter, page: PageRequest): Promise<Page<LiveTask>> {
    return this.#client.read(() => listLive(this.#client, filter, page));
  }

  limits(limits: readonly Limit[]): Promise<readonly LimitState[]> {
    const now = this.#clock.now();
    return this.#client.read(() =>
      limits.map((limit) => stateOf(this.#client, limit, now))
    );
  }

  queues(): Promise<readonly QueueStats[]> {
    return this.#client.read(() => {
      const stats = new Map<string, [number, number, number]>();
      const parts = [[READY, 0], [SCHEDULED, 1], [HELD, 2]];
      for (const [sql, column] of parts as [string, 0 | 1 | 2][]) {
        for (const row of allTuples(this.#client.tuples(sql))) {
          const name = textOut(row[0]);
          const queue = isLine(name) ? queueOf(name, name) : name;
          const counts = stats.get(queue) ?? [0, 0, 0];
          counts[column] += row[1] as number;
          stats.set(queue, counts);
        }
      }
      const paused = new Set(pausedQueues(this.#client));
      for (const queue of paused) {
        if (!stats.has(queue)) stats.set(queue, [0, 0, 0]);
      }
      return [...stats]
        .map(([queue, [queued, scheduled, running]]) => (
          { queue, queued, scheduled, running, paused: paused.has(queue) }
        ))
        .sort((a, b) => a.queue < b.queue ? -1 : 1);
    });
  }

  consumers(): Promise<readonly ConsumerStats[]> {
    return this.#client.read(() =>
      allTuples(this.#client.tuples(CONSUMERS)).map((row) => ({
        id: textOut(row[0]),
        name: textOut(row[1]),
        lease: row[2] as number,
        details: JSON.parse(textOut(row[3])) as Record<string, unknown>,
        seenAt: row[4] as number,
        held: row[5] as number,
      }))
    );
  }
}
