/**
 * Lines: what is ready and has limits, one for each queue and set of limits.
 *
 * A line is open, then a reservation looks at its first message, or it is
 * blocked by a meter without room for that, then nobody looks at it. As long
 * as a meter that blocks lines has room, one of them is open in each queue
 * that has some; it is followed by the next when it is done or blocked by
 * something else. So the work is that of what is leased, and grows neither
 * with what is held back nor with the number of keys.
 *
 * @module
 */

import type { Limit } from "../../src/contracts/mod.ts";
import type { Entry } from "./entry.ts";
import { Heap } from "./heap.ts";
import { Meter } from "./meter.ts";
import { Ready } from "./ready.ts";
import type { MemoryState } from "./state.ts";

/** Messages of one queue that have the same limits. */
export interface Line {
  readonly name: string;
  readonly queue: string;
  readonly ready: Ready;
  /** What has no room for its first message; `null` while it is open. */
  blockedBy: Meter | null;
}

/** All lines, and what counts their limits. */
export class Lines {
  readonly #state: MemoryState;
  readonly #meters = new Map<string, Meter>();
  readonly #alarms = new Heap<Meter>((meter, at) => meter.alarm === at);
  readonly #expiry = new Heap<{ meter: Meter; per: number }>(({ meter }) =>
    this.#meters.get(meter.name) === meter
  );

  constructor(state: MemoryState) {
    this.#state = state;
  }

  /** When something that is blocked may have room, without anybody's doing. */
  next(): number | null {
    return this.#alarms.next();
  }

  /** Lets in what has room now; forgets what does not count any more. */
  promote(now: number): void {
    for (;;) {
      const meter = this.#alarms.pop(now);
      if (meter === undefined) break;
      meter.alarm = Infinity;
      this.#admitAll(meter, now);
    }
    for (;;) {
      const old = this.#expiry.pop(now);
      if (old === undefined) break;
      if (old.meter.isIdle(now, old.per)) this.#meters.delete(old.meter.name);
      else this.#expiry.push(now + old.per, this.#state.next(), old);
    }
  }

  /** Puts a message into its line. */
  add(entry: Entry, limits: readonly Limit[]): void {
    const { queue } = entry.message;
    const name = limits.map(nameOf).sort().join("\n");
    const { lines } = this.#state.queue(queue);
    let line = lines.get(name);
    if (line === undefined) {
      line = { name, queue, ready: new Ready(), blockedBy: null };
      lines.set(name, line);
    }
    const first = line.ready.first;
    line.ready.add(entry);
    entry.line = line;
    if (line.ready.first !== first) this.#open(line);
  }

  /** Takes a message out of its line. */
  remove(entry: Entry, line: Line, now: number): void {
    const wasFirst = line.ready.first === entry;
    line.ready.remove(entry);
    entry.line = undefined;
    if (!wasFirst) return;
    if (line.ready.first) this.#open(line);
    else {
      this.#state.queue(line.queue).lines.delete(line.name);
      this.#unblock(line);
    }
    this.#admitNext(entry.message.limits ?? [], line.queue, now);
  }

  /** The first message of the queue's lines that has room. */
  first(queue: string, now: number): Entry | undefined {
    const { open } = this.#state.queue(queue);
    for (let line = open.first; line; line = open.first) {
      const entry = line.ready.first as Entry;
      const limits = entry.message.limits ?? [];
      const full = limits.find((limit) =>
        this.#meters.get(nameOf(limit))?.hasRoom(limit, now) === false
      );
      if (full === undefined) return entry;
      this.#block(line, entry, full, now);
      this.#admitNext(limits, queue, now);
    }
    return undefined;
  }

  /** Counts the lease of a message; it has room. */
  take({ message: { id, limits = [] } }: Entry, now: number): void {
    for (const limit of limits) {
      const name = nameOf(limit);
      let meter = this.#meters.get(name);
      if (meter === undefined) {
        this.#meters.set(name, meter = new Meter(name));
        if (limit.kind === "rate") {
          const { per } = limit;
          this.#expiry.push(now + per, this.#state.next(), { meter, per });
        }
      }
      meter.take(limit, id, now);
    }
  }

  /** The lease of a message has ended. */
  giveBack({ message: { id, limits = [] } }: Entry, now: number): void {
    for (const limit of limits) {
      if (limit.kind === "rate") continue;
      const meter = this.#meters.get(nameOf(limit));
      if (meter === undefined) continue;
      meter.giveBack(id);
      if (meter.isIdle(now, 0)) this.#meters.delete(meter.name);
      else this.#admitAll(meter, now);
    }
  }

  /** What counts a limit, if something does. */
  meter(limit: Limit): Meter | undefined {
    return this.#meters.get(nameOf(limit));
  }

  #open(line: Line): void {
    this.#unblock(line);
    const { first } = line.ready;
    if (first === undefined) return;
    this.#state.queue(line.queue).open.push(
      first.message.priority,
      first.seq,
      line,
    );
    this.#state.waiters.wake(line.queue);
  }

  #block(line: Line, first: Entry, limit: Limit, now: number): void {
    const meter = this.#meters.get(nameOf(limit));
    if (meter === undefined) return;
    line.blockedBy = meter;
    let lines = meter.blocked.get(line.queue);
    if (lines === undefined) {
      lines = new Heap<Line>((line, _rank, seq) =>
        line.blockedBy === meter && line.ready.first?.seq === seq
      );
      meter.blocked.set(line.queue, lines);
    }
    // Whoever needs the least room first: if that one has none, nobody has.
    const rank = first.message.priority - 10 * limit.most;
    lines.push(rank, first.seq, line);
    this.#setAlarm(meter, limit, now);
  }

  /** The line waits no longer; the heap that it was in will skip it. */
  #unblock(line: Line): void {
    const meter = line.blockedBy;
    line.blockedBy = null;
    if (meter === null) return;
    if (meter.blocked.get(line.queue)?.next() === null) {
      meter.blocked.delete(line.queue);
    }
  }

  #setAlarm(meter: Meter, limit: Limit, now: number): void {
    const at = meter.opensAt(limit, now);
    if (at >= meter.alarm) return;
    meter.alarm = at;
    this.#alarms.push(at, this.#state.next(), meter);
  }

  #admitAll(meter: Meter, now: number): void {
    for (const queue of [...meter.blocked.keys()]) {
      this.#admit(meter, queue, now);
    }
  }

  #admitNext(limits: readonly Limit[], queue: string, now: number): void {
    for (const limit of limits) {
      const meter = this.#meters.get(nameOf(limit));
      if (meter) this.#admit(meter, queue, now);
    }
  }

  /** Opens the first line that waits for this meter, if there is room for it. */
  #admit(meter: Meter, queue: string, now: number): void {
    const line = meter.blocked.get(queue)?.first;
    const limit = line?.ready.first?.message.limits?.find((limit) =>
      nameOf(limit) === meter.name
    );
    if (line === undefined || limit === undefined) return;
    if (meter.hasRoom(limit, now)) this.#open(line);
    else if (limit.kind === "rate") this.#setAlarm(meter, limit, now);
  }
}

function nameOf({ kind, key }: Limit): string {
  return `${kind}:${JSON.stringify(key)}`;
}
