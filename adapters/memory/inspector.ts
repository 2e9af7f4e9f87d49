/**
 * The inspector in memory.
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
import { type Entry, toLiveTask } from "./entry.ts";
import type { MemoryState } from "./state.ts";

/** Views of a state. */
export class MemoryInspector implements Inspector {
  readonly #state: MemoryState;
  readonly #clock: Clock;

  constructor(state: MemoryState, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
  }

  find(ids: readonly string[]): Promise<readonly (LiveTask | undefined)[]> {
    return Promise.resolve(ids.map((id) => {
      const entry = this.#state.entries.get(id);
      return entry && toLiveTask(entry);
    }));
  }

  tasks(filter: LiveFilter, page: PageRequest): Promise<Page<LiveTask>> {
    const pick = filter.status === "scheduled"
      ? this.#byEta(filter, page)
      : this.#byArrival(filter, page);
    const items = pick.map(toLiveTask);
    const last = pick.at(-1);
    const more = items.length >= page.limit && last !== undefined;
    return Promise.resolve({ items, cursor: more ? cursorOf(last) : null });
  }

  #byArrival(filter: LiveFilter, { limit, cursor }: PageRequest): Entry[] {
    const pick: Entry[] = [];
    const [, after] = parseCursor(cursor);
    for (const [, entry] of this.#state.arrivals.after(after)) {
      if (fits(entry, filter)) pick.push(entry);
      if (pick.length >= limit) break;
    }
    return pick;
  }

  #byEta(filter: LiveFilter, { limit, cursor }: PageRequest): Entry[] {
    const [eta, seq] = parseCursor(cursor);
    let pick: Entry[] = [];
    for (const [, entry] of this.#state.arrivals.after(0)) {
      if (!fits(entry, filter)) continue;
      const at = entry.message.eta ?? 0;
      if (at < eta || (at === eta && entry.seq <= seq)) continue;
      pick.push(entry);
      // Never sorts more than it must: what cannot be on the page goes early.
      if (pick.length > 4 * limit + 1024) {
        pick = pick.sort(byEta).slice(0, limit);
      }
    }
    return pick.sort(byEta).slice(0, limit);
  }

  limits(limits: readonly Limit[]): Promise<readonly LimitState[]> {
    const now = this.#clock.now();
    return Promise.resolve(
      limits.map((limit) =>
        this.#state.lines.meter(limit)?.state(limit, now) ??
          { holders: [], taken: 0, opensAt: now }
      ),
    );
  }

  queues(): Promise<readonly QueueStats[]> {
    const { queues, paused } = this.#state;
    const names = new Set([...queues.keys(), ...paused]);
    const stats = [...names].map((name) => this.#statsOf(name))
      .filter((one) =>
        one.queued + one.scheduled + one.running > 0 || one.paused
      )
      .sort((a, b) => a.queue < b.queue ? -1 : 1);
    return Promise.resolve(stats);
  }

  #statsOf(name: string): QueueStats {
    const { queued = 0, scheduled = 0, running = 0 } =
      this.#state.queues.get(name) ?? {};
    const paused = this.#state.paused.has(name);
    return { queue: name, queued, scheduled, running, paused };
  }

  consumers(): Promise<readonly ConsumerStats[]> {
    const stats = [...this.#state.consumers.values()]
      .filter((consumer) => consumer.registered)
      .map(({ info, seenAt, held }) => ({ ...info, seenAt, held: held.size }))
      .sort((a, b) =>
        a.name < b.name || (a.name === b.name && a.id < b.id) ? -1 : 1
      );
    return Promise.resolve(stats);
  }
}

function fits(entry: Entry, { status, queue }: LiveFilter): boolean {
  return entry.status === status &&
    (queue === undefined || entry.message.queue === queue);
}

function byEta(a: Entry, b: Entry): number {
  return (a.message.eta ?? 0) - (b.message.eta ?? 0) || a.seq - b.seq;
}

function cursorOf(entry: Entry): string {
  return `${entry.message.eta ?? 0}:${entry.seq}`;
}

function parseCursor(cursor: string | undefined): readonly [number, number] {
  if (cursor === undefined) return [-Infinity, 0];
  const [eta, seq] = cursor.split(":").map(Number);
  return [eta ?? 0, seq ?? 0];
}
