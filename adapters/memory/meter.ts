/**
 * What counts a limit.
 *
 * @module
 */

import type { Limit, LimitState } from "../../src/contracts/mod.ts";
import type { Heap } from "./heap.ts";
import type { Line } from "./lines.ts";

/** As many holders are told. */
const TOLD = 100;

/** Leases that began about the same time. */
interface Starts {
  readonly from: number;
  /** They count as if all had begun with the last one. */
  to: number;
  count: number;
}

/** Who has leases that count towards one key, and who waits for room. */
export class Meter {
  readonly name: string;
  /** When it is looked at again, since there may be room then. */
  alarm = Infinity;
  /** The lines that it holds back, by their queues. */
  readonly blocked = new Map<string, Heap<Line>>();
  readonly #holders = new Set<string>();
  #starts: Starts[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Whether nothing counts any more and nobody waits. */
  isIdle(now: number, per: number): boolean {
    this.#forget(now, per);
    return this.#holders.size === 0 && this.#starts.length === 0 &&
      this.blocked.size === 0;
  }

  /** Whether one more may be leased. */
  hasRoom(limit: Limit, now: number): boolean {
    return this.#taken(limit, now) < limit.most;
  }

  /** Counts a lease. */
  take(limit: Limit, id: string, now: number): void {
    if (limit.kind === "concurrency") {
      this.#holders.add(id);
      return;
    }
    this.#forget(now, limit.per);
    const last = this.#starts.at(-1);
    if (last && (last.to >= now || now - last.from < limit.per / 100)) {
      last.to = Math.max(last.to, now);
      last.count++;
    } else {
      this.#starts.push({ from: now, to: now, count: 1 });
    }
  }

  /** A lease that counted has ended. */
  giveBack(id: string): void {
    this.#holders.delete(id);
  }

  /** When there is room; `Infinity` when that depends on others. */
  opensAt(limit: Limit, now: number): number {
    let excess = this.#taken(limit, now) - limit.most;
    if (excess < 0) return now;
    if (limit.kind === "concurrency") return Infinity;
    for (const { to, count } of this.#starts) {
      if (to + limit.per <= now) continue;
      excess -= count;
      if (excess < 0) return to + limit.per;
    }
    return Infinity;
  }

  /** How it stands. */
  state(limit: Limit, now: number): LimitState {
    const at = this.opensAt(limit, now);
    return {
      holders: [...this.#holders].slice(0, TOLD),
      taken: this.#taken(limit, now),
      opensAt: at === Infinity ? null : at,
    };
  }

  #taken(limit: Limit, now: number): number {
    if (limit.kind === "concurrency") return this.#holders.size;
    let taken = 0;
    for (const { to, count } of this.#starts) {
      if (to + limit.per > now) taken += count;
    }
    return taken;
  }

  #forget(now: number, per: number): void {
    const keep = this.#starts.findIndex(({ to }) => to + per > now);
    if (keep !== 0) this.#starts.splice(0, keep < 0 ? Infinity : keep);
  }
}
