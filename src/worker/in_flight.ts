/**
 * The deliveries that a worker holds.
 *
 * @module
 */

import type { Delivery, Message } from "../contracts/broker.ts";
import type { Envelope } from "../message/envelope.ts";
import type { TaskPolicy } from "../task_policy.ts";
import { PassingMap } from "./pool/passing_map.ts";
import type { Job, JobRun } from "./pool/pool.ts";

/** A delivery on its way through the worker. */
export interface Held {
  /** The delivery. */
  readonly delivery: Delivery;
  /** Its envelope. */
  readonly envelope: Envelope;
  /** How its task is run. */
  readonly policy: TaskPolicy;
  /** What the pool runs. */
  readonly job: Job;
  /** When it came (epoch ms). */
  readonly receivedAt: number;
  /** Whether it was acknowledged before the run; set just before. */
  acknowledged: boolean;
  /** Set once it was asked to stop. */
  revoked?: boolean;
  /**
   * Whether its course is told to those who watch; absent when it came while
   * nobody did.
   */
  readonly told?: boolean | undefined;
}

/** How far a delivery that a worker holds has come. */
export interface Holding {
  /** The delivery. */
  readonly held: Held;
  /** It runs, waits for a slot, or for its turn under a rate limit. */
  readonly stage: "running" | "reserved" | "limited";
  /** How it runs, if it does. */
  readonly run: JobRun | undefined;
}

/** The message of a delivery, as it came. */
export function messageOf({ delivery }: Held): Message {
  return {
    id: delivery.id,
    task: delivery.task,
    queue: delivery.queue,
    priority: delivery.priority,
    eta: delivery.eta,
    body: delivery.body,
    limits: delivery.limits,
    unique: delivery.unique,
  };
}

/** The deliveries that a worker holds, by job and by task. */
export class InFlight {
  readonly #byKey = new PassingMap<Held>();
  #limited = 0;

  /** How many there are. */
  get size(): number {
    return this.#byKey.size;
  }

  /** How many of them have limits. */
  get limited(): number {
    return this.#limited;
  }

  /** All of them, the oldest first. */
  values(): readonly Held[] {
    return this.#byKey.values();
  }

  /** Adds one. */
  add(held: Held): void {
    this.#byKey.add(held.job.key, held);
    if (held.delivery.limits !== undefined) this.#limited++;
  }

  /** The one of a job. */
  get(key: number): Held | undefined {
    return this.#byKey.get(key);
  }

  /** Takes one out. */
  take(key: number): Held | undefined {
    const held = this.#byKey.take(key);
    if (held?.delivery.limits !== undefined) this.#limited--;
    return held;
  }

  /** The one of a task. Rarely asked, so it is searched for. */
  ofTask(id: string): Held | undefined {
    for (const held of this.#byKey.values()) {
      if (held.delivery.id === id) return held;
    }
    return undefined;
  }
}
