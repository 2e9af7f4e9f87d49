/**
 * The result backend in memory.
 *
 * @module
 */

import type {
  Clock,
  EndedListener,
  GroupEnd,
  GroupPlan,
  Message,
  Page,
  PageRequest,
  ResultBackend,
  ResultFilter,
  ResultRecord,
} from "../../src/contracts/mod.ts";
import { expireGroups, markEnds, openGroups } from "./groups.ts";
import { dropRecord, putRecord, tellEnded } from "./records.ts";
import type { MemoryState } from "./state.ts";

/** The most records that one call of `query` looks at. */
const SCAN_LIMIT = 5_000;

/** Results in memory. */
export class MemoryResults implements ResultBackend {
  readonly #state: MemoryState;
  readonly #clock: Clock;
  readonly #own = new Set<EndedListener>();

  constructor(state: MemoryState, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
  }

  store(batch: readonly ResultRecord[]): Promise<void> {
    const stored = batch.filter((record) => putRecord(this.#state, record));
    const ended = stored.filter((record) => record.ended);
    tellEnded(this.#state, ended.map((record) => record.id));
    return Promise.resolve();
  }

  fetch(
    ids: readonly string[],
  ): Promise<readonly (ResultRecord | undefined)[]> {
    return Promise.resolve(
      ids.map((id) => this.#state.results.get(id)?.record),
    );
  }

  subscribe(listener: EndedListener): Promise<() => void> {
    // A wrapper of its own, so that one listener can subscribe twice.
    const own: EndedListener = (ids) => listener(ids);
    this.#own.add(own);
    this.#state.endedListeners.add(own);
    return Promise.resolve(() => this.#unsubscribe(own));
  }

  #unsubscribe(own: EndedListener): void {
    this.#own.delete(own);
    this.#state.endedListeners.delete(own);
  }

  forget(ids: readonly string[]): Promise<void> {
    for (const id of ids) dropRecord(this.#state, id);
    return Promise.resolve();
  }

  query(
    filter: ResultFilter,
    { limit, cursor }: PageRequest,
  ): Promise<Page<ResultRecord>> {
    const items: ResultRecord[] = [];
    let scanned = 0;
    const from = cursor === undefined ? Infinity : Number(cursor);
    for (const [seq, record] of this.#state.resultLog.before(from)) {
      if (fits(record, filter)) items.push(record);
      if (items.length >= limit || ++scanned >= SCAN_LIMIT) {
        return Promise.resolve({ items, cursor: String(seq) });
      }
    }
    return Promise.resolve({ items, cursor: null });
  }

  countByState(): Promise<Readonly<Record<string, number>>> {
    return Promise.resolve(Object.fromEntries(this.#state.resultCounts));
  }

  expire(limit: number): Promise<number> {
    const now = this.#clock.now();
    let dropped = 0;
    while (dropped < limit) {
      const record = this.#state.resultExpiry.pop(now);
      if (record === undefined) break;
      dropRecord(this.#state, record.id);
      dropped++;
    }
    const groups = expireGroups(this.#state, now, limit);
    return Promise.resolve(dropped + groups);
  }

  openGroups(plans: readonly GroupPlan[]): Promise<void> {
    openGroups(this.#state, plans);
    return Promise.resolve();
  }

  endMembers(ends: readonly GroupEnd[]): Promise<readonly Message[]> {
    return Promise.resolve(markEnds(this.#state, ends));
  }

  /** Ends the subscriptions of this store. */
  close(): void {
    for (const own of [...this.#own]) this.#unsubscribe(own);
  }
}

function fits(record: ResultRecord, filter: ResultFilter): boolean {
  const { state, task, worker, since, until, meta, text } = filter;
  return (state === undefined || record.state === state) &&
    (task === undefined || record.task === task) &&
    (worker === undefined || record.worker === worker) &&
    (since === undefined || record.updatedAt >= since) &&
    (until === undefined || record.updatedAt < until) &&
    (meta === undefined || record.meta.includes(meta)) &&
    (text === undefined || contains(record, text));
}

function contains({ value, error, meta }: ResultRecord, text: string): boolean {
  const wanted = lower(text);
  return [value, error, meta].some((one) => lower(one ?? "").includes(wanted));
}

/** As the other stores do it: letters of ASCII only. */
function lower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
