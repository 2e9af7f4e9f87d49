/**
 * Makes of a delivery what the worker holds and its pool runs: with the limits
 * of its call, of what an operator has set here, and of its task.
 *
 * @module
 */

import type { Delivery } from "../contracts/broker.ts";
import type { Envelope } from "../message/envelope.ts";
import type { Settings } from "../settings.ts";
import type { AnyTask } from "../task.ts";
import type { TaskPolicy } from "../task_policy.ts";
import type { Held } from "./in_flight.ts";

/** What an operator has set for a task, in place of its own. */
export interface TaskOverrides {
  /** Starts per second; `null` is none. */
  readonly rateLimit?: number | null;
  /** In ms; `null` is none. */
  readonly softTimeLimit?: number | null;
  /** In ms; `null` is none. */
  readonly timeLimit?: number | null;
}

/** Makes them for one worker. */
export class Holder {
  readonly #settings: Settings;
  readonly #isTold: () => boolean | undefined;
  readonly #overrides = new Map<string, TaskOverrides>();
  #nextKey = 1;

  /** @param isTold whether the course of a task is told to those who watch */
  constructor(settings: Settings, isTold: () => boolean | undefined) {
    this.#settings = settings;
    this.#isTold = isTold;
  }

  /** Sets something for a task until this worker ends. */
  override(task: string, overrides: TaskOverrides): void {
    this.#overrides.set(task, { ...this.#overrides.get(task), ...overrides });
  }

  /** A delivery as the worker holds it. */
  hold(
    delivery: Delivery,
    envelope: Envelope,
    task: AnyTask | undefined,
    now: number,
  ): Held {
    const policy = this.#policyOf(task);
    const softLimit = limit(envelope.softTimeLimit, policy.softTimeLimit);
    const hardLimit = limit(envelope.timeLimit, policy.timeLimit);
    const told = this.#isTold();
    return {
      delivery,
      envelope,
      policy,
      receivedAt: now,
      acknowledged: false,
      told,
      job: {
        key: this.#nextKey++,
        id: delivery.id,
        task: envelope.task,
        body: delivery.body,
        envelope,
        delivery: {
          queue: delivery.queue,
          priority: delivery.priority,
          losses: delivery.losses,
          softLimit,
          hardLimit,
        },
        softLimit,
        hardLimit,
        reportStart: policy.trackStarted || told === true,
        first: delivery.limits !== undefined,
        walls: {
          permissions: policy.permissions,
          memoryLimit: policy.memoryLimit,
        },
      },
    };
  }

  #policyOf(task: AnyTask | undefined): TaskPolicy {
    if (task === undefined) return UNKNOWN_POLICY;
    const policy = task.policy(this.#settings);
    if (this.#overrides.size === 0) return policy;
    const overrides = this.#overrides.get(task.name);
    return overrides === undefined ? policy : { ...policy, ...overrides };
  }
}

const UNKNOWN_POLICY: TaskPolicy = {
  expires: null,
  maxRetries: null,
  defaultRetryDelay: 0,
  softTimeLimit: null,
  timeLimit: null,
  rateLimit: null,
  limits: null,
  ignoreResult: false,
  storeErrors: true,
  acksLate: true,
  rejectOnWorkerLost: false,
  trackStarted: false,
  permissions: null,
  memoryLimit: null,
};

// 0 on the wire lifts the task's own limit.
function limit(call: number | undefined, task: number | null): number | null {
  return call === undefined ? task : call || null;
}
