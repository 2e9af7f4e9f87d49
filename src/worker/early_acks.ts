/**
 * Tasks with `acksLate: false` run at most once: each is acknowledged just
 * before it runs, when there is a slot for it, and not when it was reserved.
 * What a crash takes is what ran.
 *
 * @module
 */

import type { Held } from "./in_flight.ts";
import type { Settler } from "./settler.ts";

/** What early acknowledgement works with. */
export interface EarlyAcksParts {
  /** Commits acknowledgements. */
  readonly settler: Settler;
  /** How many slots are free now. */
  readonly free: () => number;
  /** Runs a task that was acknowledged. */
  readonly run: (held: readonly Held[]) => void;
  /** Forgets a task whose lease was lost: another worker has it. */
  readonly forget: (held: Held) => void;
}

/** Acknowledges tasks one slot at a time. */
export class EarlyAcks {
  readonly #parts: EarlyAcksParts;
  #waiting: Held[] = [];
  #acknowledging = 0;

  /** Nothing waits yet. */
  constructor(parts: EarlyAcksParts) {
    this.#parts = parts;
  }

  /** How many wait for a slot, or for their acknowledgement. */
  get size(): number {
    return this.#waiting.length + this.#acknowledging;
  }

  /** Takes tasks. */
  async take(tasks: readonly Held[]): Promise<void> {
    this.#waiting.push(...tasks);
    await this.pump();
  }

  /** Takes a task back that still waits. */
  remove(key: number): boolean {
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter(({ job }) => job.key !== key);
    return this.#waiting.length < before;
  }

  /** Takes all back that still wait. */
  drain(): readonly Held[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }

  /** Acknowledges and runs as many as there are free slots. */
  async pump(): Promise<void> {
    const { settler, free, run, forget } = this.#parts;
    const next = this.#waiting.splice(0, Math.max(free(), 0));
    if (next.length === 0) return;
    this.#acknowledging += next.length;
    try {
      const isHeld = await settler.settle(next.map(({ delivery }) => ({
        id: delivery.id,
        token: delivery.token,
        action: { kind: "ack" },
      })));
      for (const [index, held] of next.entries()) {
        if (isHeld[index] === true) held.acknowledged = true;
        else forget(held);
      }
    } finally {
      this.#acknowledging -= next.length;
    }
    run(next.filter(({ acknowledged }) => acknowledged));
  }
}
