/**
 * What every delivery passes before it runs: can it be read, is its task
 * known, is it still wanted, is it its turn?
 *
 * @module
 */

import { LAUNCH } from "../canvas/launch.ts";
import type { Delivery, Message, Settlement } from "../contracts/broker.ts";
import type { ResultRecord } from "../contracts/result_backend.ts";
import { DecodeError, NotRegisteredError, WorkerLostError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import {
  decodeEnvelope,
  encodeEnvelope,
  type Envelope,
} from "../message/envelope.ts";
import { encodeError } from "../message/error_codec.ts";
import { isLarger } from "../message/size.ts";
import { countLimits } from "../producer/attachments.ts";
import { count } from "../words.ts";
import type { GateSettlements } from "./gate_settlements.ts";
import type { Holder } from "./holder.ts";
import type { Held } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";
import type { WorkerPlan } from "./plan.ts";
import { unreadableRecord } from "./records.ts";
import { RateLimiter } from "./rate_limiter.ts";

/** What becomes of a delivery at the gate. */
export type Admission =
  /** It runs, after so many ms. */
  | { readonly kind: "run"; readonly held: Held; readonly after: number }
  /**
   * It is settled without a run; `ended` says how, unless it lives on. Later
   * steps may have failed with it: their records are stored before.
   */
  | {
    readonly kind: "settle";
    readonly settlement: Settlement;
    readonly ended: Outcome["kind"] | "expired" | null;
    readonly failed?: readonly ResultRecord[] | undefined;
  };

// An unknown task is offered to other workers at growing intervals (ms): often
// enough that one new worker gets it beside many old ones.
const FIRST_OFFER = 500;
const LONGEST_OFFER = 5_000;
const GROWTH = 0.25;

/** Admits deliveries to their run. */
export class Gate {
  readonly #app: Internals;
  readonly #plan: WorkerPlan;
  readonly #holder: Holder;
  readonly #settlements: GateSettlements;
  readonly #limiter = new RateLimiter();

  /**
   * A gate for the deliveries of one worker.
   *
   * @param holder makes what is admitted ready to run
   */
  constructor(
    app: Internals,
    plan: WorkerPlan,
    holder: Holder,
    settlements: GateSettlements,
  ) {
    this.#app = app;
    this.#plan = plan;
    this.#holder = holder;
    this.#settlements = settlements;
  }

  /** Decides on a delivery. Never throws for what a message holds. */
  admit(delivery: Delivery, now: number): Admission {
    const envelope = this.#read(delivery);
    if (envelope instanceof Error) {
      return this.#unreadable(delivery, envelope, now);
    }
    const task = this.#app.tasks.get(envelope.task);
    const held = this.#holder.hold(delivery, envelope, task, now);
    if (envelope.outcome !== undefined) {
      const { outcome } = envelope;
      const ended = "error" in outcome ? "failure" : "success";
      const given = this.#settlements.given(held, outcome, now);
      return { kind: "settle", ended, ...given };
    }
    if (delivery.cancelled) {
      this.#tellRevoked(held, false);
      return settle(this.#settlements.revoked(held, now), "revoked");
    }
    if (delivery.losses >= this.#plan.settings.taskMaxDeliveries) {
      return this.#giveUp(held, lostTooOften(held), now);
    }
    if (envelope.expires !== undefined && envelope.expires <= now) {
      this.#tellRevoked(held, true);
      return settle(this.#settlements.expired(held, now), "expired");
    }
    if (envelope.task === LAUNCH) {
      return settle(this.#settlements.launched(held, now), "success");
    }
    if (task === undefined) return this.#unknown(held, now);
    return this.#turn(held, now);
  }

  /** A delivery that cannot be admitted, for no fault of its message. */
  refuse(delivery: Delivery, error: unknown, now: number): Admission {
    const cause = error instanceof Error ? error : new Error(String(error));
    return this.#unreadable(delivery, cause, now);
  }

  /** The settlement of a task that has expired by now; `null` if it has not. */
  expired(held: Held): Settlement | null {
    const now = this.#app.clock().now();
    const { expires } = held.envelope;
    if (expires === undefined || expires > now) return null;
    this.#tellRevoked(held, true);
    return this.#settlements.expired(held, now);
  }

  #read(delivery: Delivery): Envelope | Error {
    const { taskMaxMessageSize } = this.#plan.settings;
    if (isLarger(delivery.body, taskMaxMessageSize)) {
      return new DecodeError(
        `The message takes more bytes than taskMaxMessageSize allows (${taskMaxMessageSize})`,
      );
    }
    try {
      return decodeEnvelope(delivery.body);
    } catch (error) {
      return error instanceof Error ? error : new DecodeError(String(error));
    }
  }

  #unreadable(delivery: Delivery, error: Error, now: number): Admission {
    this.#app.hooks.emit("taskRejected", {
      taskId: delivery.id,
      task: delivery.task,
      reason: error.message,
    });
    return settle({
      id: delivery.id,
      token: delivery.token,
      action: { kind: "dead", reason: error.name, detail: error.message },
      result: unreadableRecord(this.#app, delivery, {
        worker: this.#plan.hostname,
        error: encodeError(error),
        at: now,
      }),
    }, "reject");
  }

  /** Offers it to workers that may know it, and gives up after a while. */
  #unknown(held: Held, now: number): Admission {
    const { delivery, envelope } = held;
    this.#app.hooks.emit("taskUnknown", {
      taskId: delivery.id,
      task: envelope.task,
      queue: delivery.queue,
    });
    // What was long with nobody (redriven, or all workers away) starts anew.
    const lastOffer = delivery.eta ?? -Infinity;
    const isFresh = now - lastOffer > 2 * LONGEST_OFFER;
    const since = isFresh ? now : envelope.unknownSince ?? now;
    const { taskUnknownTimeout } = this.#plan.settings;
    if (now - since >= taskUnknownTimeout) {
      const error = new NotRegisteredError(
        `No worker of queue "${delivery.queue}" knew task "${envelope.task}" for ${taskUnknownTimeout} ms: register it, or redrive the dead letter once it is`,
      );
      return this.#giveUp(held, error, now);
    }
    const grown = Math.round((now - since) * GROWTH);
    const wait = Math.min(Math.max(grown, FIRST_OFFER), LONGEST_OFFER);
    return requeue(delivery, {
      ...delivery,
      eta: Math.min(now + wait, since + taskUnknownTimeout),
      body: encodeEnvelope({ ...envelope, unknownSince: since }),
    });
  }

  /** FAILURE without a run, and to the dead letters. */
  #giveUp(held: Held, error: Error, now: number): Admission {
    this.#app.hooks.emit("taskFailure", {
      taskId: held.delivery.id,
      task: held.envelope.task,
      error,
    });
    return settle(this.#settlements.dead(held, error, now), "failure");
  }

  #turn(held: Held, now: number): Admission {
    const unlimited = this.#limitless(held);
    if (unlimited !== null) return unlimited;
    const rate = held.policy.rateLimit;
    if (rate === null || this.#plan.settings.workerDisableRateLimits) {
      return { kind: "run", held, after: 0 };
    }
    const turn = this.#limiter.turn(held.envelope.task, rate, now);
    const { delivery } = held;
    // What holds room does not wait here for its turn: others could have it.
    const waitsHere = turn.kind === "run" &&
      (turn.after === 0 || delivery.limits === undefined);
    if (waitsHere) return { kind: "run", held, after: turn.after };
    const eta = turn.kind === "run" ? now + turn.after : turn.at;
    return requeue(delivery, { ...delivery, eta });
  }

  /**
   * A message without the limits that its task or its queue has here, since
   * who sent it did not know of them: back to its queue, with them.
   */
  #limitless({ delivery, envelope, policy }: Held): Admission | null {
    const ofQueue = this.#plan.settings.taskQueueLimits[delivery.queue];
    if (policy.limits === null && ofQueue === undefined) return null;
    const due = countLimits(envelope, policy.limits, ofQueue);
    if ((delivery.limits?.length ?? 0) >= due) return null;
    const { limits, unique = delivery.unique } = this.#app.producer.attached(
      envelope,
      delivery.queue,
    );
    return limits === undefined
      ? null
      : requeue(delivery, { ...delivery, limits, unique });
  }

  #tellRevoked(held: Held, expired: boolean): void {
    this.#app.hooks.emit("taskRevoked", {
      taskId: held.delivery.id,
      task: held.envelope.task,
      terminated: false,
      expired,
    });
  }
}

function lostTooOften({ delivery, envelope }: Held): WorkerLostError {
  return new WorkerLostError(
    `Task "${envelope.task}" (${delivery.id}) was given up: the worker or host process that held it was lost ${
      count(delivery.losses, "time")
    }`,
  );
}

function requeue({ id, token }: Delivery, message: Message): Admission {
  return settle({ id, token, action: { kind: "requeue", message } });
}

function settle(
  settlement: Settlement,
  ended: Outcome["kind"] | "expired" | null = null,
): Admission {
  return { kind: "settle", settlement, ended };
}
