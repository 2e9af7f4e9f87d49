/**
 * From an outcome to the settlement that makes all of it true.
 *
 * @module
 */

import type { Message, SettleAction, Settlement } from "../contracts/broker.ts";
import type { ResultRecord } from "../contracts/result_backend.ts";
import {
  Ignore,
  Reject,
  TaskRevokedError,
  WorkerLostError,
} from "../errors.ts";
import type { Internals } from "../internals.ts";
import type { CanvasJson } from "../message/canvas_json.ts";
import { encodeEnvelope, type GivenOutcome } from "../message/envelope.ts";
import { decodeError, encodeError } from "../message/error_codec.ts";
import { decode } from "../message/json_codec.ts";
import {
  type Callbacks,
  callbacks,
  errorCallbacks,
  NO_CALLBACKS,
} from "./callbacks.ts";
import type { Held } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";
import { Recorder, type Times } from "./recorder.ts";
import {
  afterAdding,
  afterFailure,
  afterSuccess,
  inPlaceOf,
  launched,
  type Next,
} from "./continuation.ts";
import { retryLimits } from "./retry_limits.ts";

/** What ends a task whose end was decided before it could run. */
export interface Given {
  /** Its settlement. */
  readonly settlement: Settlement;
  /** The records of later steps that fail with it; to be stored before. */
  readonly failed: readonly ResultRecord[];
}

/** Makes settlements for the tasks of one worker. */
export class Settlements {
  /** The node name of the worker. */
  readonly worker: string;
  /** Writes their records. */
  readonly recorder: Recorder;
  readonly #app: Internals;

  /** @param worker the node name */
  constructor(app: Internals, worker: string) {
    this.#app = app;
    this.worker = worker;
    this.recorder = new Recorder(app, worker);
  }

  /** What an outcome causes. */
  of(held: Held, outcome: Outcome): Settlement {
    switch (outcome.kind) {
      case "success":
        return this.#succeeded(held, outcome, outcome.value, outcome.added);
      case "failure":
        return this.#failed(held, outcome, outcome.error);
      case "retry":
        return this.#settle(
          held,
          {
            kind: "requeue",
            message: {
              ...messageOf(held),
              body: outcome.body,
              eta: outcome.eta,
              queue: outcome.queue ?? held.delivery.queue,
              priority: outcome.priority ?? held.delivery.priority,
              ...retryLimits(this.#app, held, outcome),
            },
          },
          this.recorder.ran(held, outcome, {
            state: "RETRY",
            error: outcome.error,
            eta: outcome.eta,
          }),
        );
      case "revoked":
        return this.#ended(
          held,
          outcome,
          "REVOKED",
          encodeError(
            new TaskRevokedError(outcome.detail),
          ),
        );
      case "replaced":
        return this.#replaced(held, outcome, JSON.parse(outcome.canvas));
      case "ignore":
        return this.#ignored(held, outcome);
      case "reject":
        return outcome.requeue
          ? this.#released(held)
          : this.#dead(held, outcome, new Reject(outcome.detail));
      case "lost":
        return held.policy.rejectOnWorkerLost && !held.acknowledged
          ? this.#settle(held, { kind: "release", lost: true })
          : this.#failed(held, outcome, outcome.error);
      case "released":
        return held.acknowledged
          ? this.#failed(held, outcome, encodeError(interrupted(held)))
          : this.#settle(held, { kind: "release" });
    }
  }

  /** Back to its queue; what was acknowledged is published anew. */
  #released(held: Held): Settlement {
    return held.acknowledged
      ? this.#settle(held, { kind: "ack" }, undefined, {
        publish: [messageOf(held)],
      })
      : this.#settle(held, { kind: "release" });
  }

  /** A task that came after its expiry. */
  expired(held: Held, now: number): Settlement {
    return this.#ended(
      held,
      { endedAt: now },
      "REVOKED",
      encodeError(
        new TaskRevokedError(
          `Task ${held.delivery.id} expired before it could start`,
        ),
      ),
    );
  }

  /** A task that was revoked while it waited. */
  revoked(held: Held, now: number): Settlement {
    return this.#ended(
      held,
      { endedAt: now },
      "REVOKED",
      encodeError(
        new TaskRevokedError(`Task ${held.delivery.id} was revoked`),
      ),
    );
  }

  /** A task whose end was decided before it could run. */
  given(held: Held, outcome: GivenOutcome, now: number): Given {
    const times = { endedAt: now };
    if (!("error" in outcome)) {
      const settlement = this.#succeeded(held, times, outcome.value);
      return { settlement, failed: [] };
    }
    const { error, isOwn = false } = outcome;
    if (isOwn && decodeError(error) instanceof Ignore) {
      return { settlement: this.#ignored(held, times), failed: [] };
    }
    const next = this.#afterFailure(held, error);
    return {
      settlement: this.#ended(held, times, "FAILURE", error, next),
      failed: this.recorder.failedWith(next, error, now),
    };
  }

  /** A task that is nothing but the sending of a canvas. */
  launched(held: Held, now: number): Settlement {
    const times = { endedAt: now };
    try {
      const next = launched(this.#app, held.envelope);
      const record = this.recorder.ran(
        held,
        times,
        { state: "SUCCESS", value: null },
        next,
      );
      return this.#settle(held, { kind: "ack" }, record, next);
    } catch (error) {
      return this.#failed(held, times, encodeError(error));
    }
  }

  /**
   * The message that ends a task by and by, if others wait for its end: for a
   * task that was acknowledged early, whose end is no settlement any more.
   */
  ending(held: Held, settlement: Settlement): Message | undefined {
    const { ends, result } = settlement;
    if (ends === undefined) return undefined;
    const outcome: GivenOutcome = result?.state === "SUCCESS"
      ? { value: result.value }
      : {
        error: result?.error ?? encodeError(ignored(held)),
        isOwn: true,
      };
    // It does not run, so nothing holds it back.
    const { limits: _, unique: __, ...message } = messageOf(held);
    return {
      ...message,
      eta: null,
      body: encodeEnvelope({ ...held.envelope, outcome }),
    };
  }

  /** A task that was given up before it ran. */
  dead(held: Held, error: Error, now: number): Settlement {
    return this.#dead(held, { endedAt: now }, error);
  }

  #succeeded(
    held: Held,
    outcome: Times,
    value: string | null,
    added?: string,
  ): Settlement {
    const { link, chain, chord } = held.envelope;
    let next = NOTHING;
    try {
      if (link !== undefined || chain !== undefined || chord === true) {
        const values = [value === null ? undefined : decode(value)];
        const linked = callbacks(this.#app, held.envelope, values);
        next = added === undefined
          ? afterSuccess(this.#app, held.envelope, values, linked)
          : afterAdding(this.#app, held.envelope, JSON.parse(added), linked);
      }
    } catch (error) {
      // What it is linked to cannot be sent: nobody would hear of its result.
      return this.#failed(held, outcome, encodeError(error));
    }
    return this.#settle(
      held,
      { kind: "ack" },
      this.recorder.ran(held, outcome, { state: "SUCCESS", value }, next),
      next,
    );
  }

  /** It has no end of its own: that of the canvas is its end. */
  #replaced(held: Held, outcome: Times, canvas: CanvasJson): Settlement {
    try {
      const next = inPlaceOf(this.#app, held.envelope, canvas);
      return this.#settle(held, { kind: "ack" }, undefined, next);
    } catch (error) {
      return this.#failed(held, outcome, encodeError(error));
    }
  }

  #failed(held: Held, outcome: Times, error: string): Settlement {
    return this.#ended(held, outcome, "FAILURE", error);
  }

  /** FAILURE, and to the dead letters. */
  #dead(held: Held, outcome: Times, error: Error): Settlement {
    return {
      ...this.#failed(held, outcome, encodeError(error)),
      action: { kind: "dead", reason: error.name, detail: error.message },
    };
  }

  /** Ended without a result: callbacks for errors follow. */
  #ended(
    held: Held,
    outcome: Times,
    state: "FAILURE" | "REVOKED",
    error: string,
    next: Next = this.#afterFailure(held, error),
  ): Settlement {
    return this.#settle(
      held,
      { kind: "ack" },
      this.recorder.ran(held, outcome, { state, error }, next),
      next,
    );
  }

  // It has no result to hand on: who waits for one must not wait forever.
  #ignored(held: Held, outcome: Times): Settlement {
    const { chain, chord } = held.envelope;
    if (chain === undefined && chord === undefined) {
      return this.#settle(held, { kind: "ack" });
    }
    const error = encodeError(ignored(held));
    return this.#settle(
      held,
      { kind: "ack" },
      this.recorder.ran(held, outcome, { state: "IGNORED", error }),
      this.#afterFailure(held, error, NO_CALLBACKS),
    );
  }

  #afterFailure(
    held: Held,
    error: string,
    // Where a task before it has failed, that one's callbacks have run.
    linked: Callbacks = isOwnFailure(held)
      ? errorCallbacks(this.#app, held, error)
      : NO_CALLBACKS,
  ): Next {
    const { envelope, delivery } = held;
    if (envelope.chain === undefined && envelope.chord === undefined) {
      return linked;
    }
    const { queue } = delivery;
    return afterFailure(this.#app, envelope, { error, queue, linked });
  }

  #settle(
    held: Held,
    action: SettleAction,
    result?: ResultRecord,
    next: Next = NOTHING,
  ): Settlement {
    return {
      id: held.delivery.id,
      token: held.delivery.token,
      action,
      result,
      publish: unlessEmpty(next.publish),
      groups: unlessEmpty(next.groups),
      ends: next.ends,
    };
  }
}

const NOTHING: Next = {};

function unlessEmpty<T>(
  list: readonly T[] | undefined,
): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

// It may run at most once, and it had begun: it cannot go back.
function interrupted({ envelope }: Held): Error {
  return new WorkerLostError(
    `Task "${envelope.task}" (${envelope.id}) had begun when its worker was stopped, and it runs at most once (acksLate: false)`,
  );
}

function isOwnFailure({ envelope: { outcome } }: Held): boolean {
  return outcome === undefined || !("error" in outcome) ||
    outcome.isOwn === true;
}

function ignored({ envelope }: Held): Error {
  return new Ignore(
    `Task "${envelope.task}" (${envelope.id}) was ignored, so that it has no result to hand on`,
  );
}

function messageOf({ delivery }: Held): Message {
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
