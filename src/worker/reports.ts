/**
 * What a worker tells of its tasks: to the log and to those who listen.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Delivery } from "../contracts/broker.ts";
import { TimeLimitExceeded } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { decodeError } from "../message/error_codec.ts";
import type { Admission } from "./gate.ts";
import type { Held } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";

const log = getLogger(["lovage", "worker"]);

/** What ended at the gate. */
type Dropped = Extract<Admission, { readonly kind: "settle" }>;

/** Tells of the tasks of one worker. */
export class Reports {
  readonly #app: Internals;

  /** For an app and its listeners. */
  constructor(app: Internals) {
    this.#app = app;
  }

  /** Tells that tasks were taken from their queues. */
  received(admitted: readonly Held[]): void {
    if (!this.#app.hooks.has("taskReceived")) return;
    for (const { delivery, envelope } of admitted) {
      this.#app.hooks.emit("taskReceived", {
        taskId: delivery.id,
        task: envelope.task,
        queue: delivery.queue,
      });
    }
  }

  /** Tells how a task ended. */
  ended(held: Held, outcome: Outcome): void {
    const task = held.envelope.shadow ?? held.envelope.task;
    const id = held.delivery.id;
    switch (outcome.kind) {
      case "success":
        if (log.isEnabledFor("info")) {
          const ms = outcome.endedAt - (outcome.startedAt ?? outcome.endedAt);
          log.info("Task {task} ({id}) succeeded in {ms} ms", { task, id, ms });
        }
        return;
      case "lost":
        if (held.policy.rejectOnWorkerLost && !held.acknowledged) {
          log.warn("Task {task} ({id}) runs again: {error}", {
            task,
            id,
            error: String(decodeError(outcome.error)),
          });
          return;
        }
        return this.#failed(held, outcome.error, false);
      case "failure":
        return this.#failed(held, outcome.error, outcome.expected);
      case "retry":
        log.info("Task {task} ({id}) runs again at {eta}: {error}", {
          task,
          id,
          eta: new Date(outcome.eta).toISOString(),
          error: String(decodeError(outcome.error)),
        });
        return;
      case "revoked":
        this.#app.hooks.emit("taskRevoked", {
          taskId: id,
          task: held.envelope.task,
          terminated: outcome.terminated ?? false,
          expired: false,
        });
        log.info("Task {task} ({id}) was revoked", { task, id });
        return;
      case "reject":
        this.#app.hooks.emit("taskRejected", {
          taskId: id,
          task: held.envelope.task,
          reason: outcome.detail,
        });
        log.info("Task {task} ({id}) refused its message: {detail}", {
          task,
          id,
          detail: outcome.detail,
        });
        return;
      default:
        log.info("Task {task} ({id}): {kind}", {
          task,
          id,
          kind: outcome.kind,
        });
    }
  }

  /** Tells of a task that ended without a run. */
  dropped(
    { id, task }: Delivery,
    { ended, settlement, failed }: Dropped,
  ): void {
    const { action, result } = settlement;
    const what = { id, task };
    if (ended === "reject" && action.kind === "dead") {
      const { detail } = action;
      log.error("Task {task} ({id}) is a dead letter: {detail}", {
        ...what,
        detail,
      });
    } else if (ended === "failure") {
      const steps = failed?.length ?? 0;
      const after = steps === 0 ? "" : ", as did {steps} after it";
      // One whose result nobody wants has no record that says why.
      const error = result?.error ?? null;
      const why = error === null ? "" : ": {why}";
      log.warn(`Task {task} ({id}) failed without a run${after}${why}`, {
        ...{ ...what, steps },
        why: error === null ? undefined : String(decodeError(error)),
      });
    } else {
      log.info("Task {task} ({id}) did not run: {ended}", { ...what, ended });
    }
  }

  #failed(
    held: Held,
    text: string,
    expected: boolean | undefined,
  ): void {
    const id = held.delivery.id;
    const error = decodeError(text);
    // Nothing of the task's code was there to tell of a host that was lost, or
    // of a limit. (Its own errors it tells where it runs.)
    if (expected === false || error instanceof TimeLimitExceeded) {
      this.#app.hooks.emit("taskFailure", {
        taskId: id,
        task: held.envelope.task,
        error,
      });
    }
    const task = held.envelope.shadow ?? held.envelope.task;
    const line = "Task {task} ({id}) failed: {error}";
    if (expected === true) {
      log.info(line, { task, id, error: String(error) });
    } else log.error(line, { task, id, error });
  }
}
