/**
 * From the outcome of a run to the settlement that makes all of it true.
 *
 * @module
 */

import type { Settlement } from "../contracts/broker.ts";
import { Reject, WorkerLostError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import type { CanvasJson } from "../message/canvas_json.ts";
import { encodeError } from "../message/error_codec.ts";
import { inPlaceOf } from "./continuation.ts";
import { type Endings, settle } from "./endings.ts";
import { type Held, messageOf } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";
import type { Recorder, Times } from "./recorder.ts";
import { retryLimits } from "./retry_limits.ts";

/** Makes settlements for tasks that ran. */
export class RunSettlements {
  readonly #app: Internals;
  readonly #endings: Endings;
  readonly #recorder: Recorder;

  /** @param recorder the one that the endings write with */
  constructor(app: Internals, endings: Endings, recorder: Recorder) {
    this.#app = app;
    this.#endings = endings;
    this.#recorder = recorder;
  }

  /** What becomes of a task by an outcome. */
  of(held: Held, outcome: Outcome): Settlement {
    switch (outcome.kind) {
      case "success":
        return this.#endings.succeeded(
          held,
          outcome,
          outcome.value,
          outcome.added,
        );
      case "failure":
        return this.#endings.failed(held, outcome, outcome.error);
      case "retry":
        return this.#retried(held, outcome);
      case "revoked":
        return this.#endings.revoked(held, outcome, outcome.detail);
      case "replaced":
        return this.#replaced(held, outcome, JSON.parse(outcome.canvas));
      case "ignore":
        return this.#endings.ignored(held, outcome);
      case "reject":
        return outcome.requeue
          ? this.#released(held)
          : this.#endings.dead(held, outcome, new Reject(outcome.detail));
      case "lost":
        return held.policy.rejectOnWorkerLost && !held.acknowledged
          ? settle(held, { kind: "release", lost: true })
          : this.#endings.failed(held, outcome, outcome.error);
      case "released":
        return held.acknowledged
          ? this.#endings.failed(held, outcome, encodeError(interrupted(held)))
          : settle(held, { kind: "release" });
    }
  }

  /** Back to its queue; what was acknowledged is published anew. */
  #released(held: Held): Settlement {
    return held.acknowledged
      ? settle(held, { kind: "ack" }, undefined, {
        publish: [messageOf(held)],
      })
      : settle(held, { kind: "release" });
  }

  /** Back to its queue as its next try. */
  #retried(
    held: Held,
    outcome: Extract<Outcome, { kind: "retry" }>,
  ): Settlement {
    return settle(
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
      this.#recorder.ran(held, outcome, {
        state: "RETRY",
        error: outcome.error,
        eta: outcome.eta,
      }),
    );
  }

  /** It has no end of its own: that of the canvas is its end. */
  #replaced(held: Held, outcome: Times, canvas: CanvasJson): Settlement {
    try {
      const next = inPlaceOf(this.#app, held.envelope, canvas);
      return settle(held, { kind: "ack" }, undefined, next);
    } catch (error) {
      return this.#endings.failed(held, outcome, encodeError(error));
    }
  }
}

// It may run at most once, and it had begun: it cannot go back.
function interrupted({ envelope }: Held): Error {
  return new WorkerLostError(
    `Task "${envelope.task}" (${envelope.id}) had begun when its worker was stopped, and it runs at most once (acksLate: false)`,
  );
}
