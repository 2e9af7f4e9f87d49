/**
 * From an outcome to the settlement that makes all of it true.
 *
 * @module
 */

import type { Message, SettleAction, Settlement } from "../contracts/broker.ts";
import type { ResultRecord } from "../contracts/result_backend.ts";
import { TaskRevokedError, WorkerLostError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { decodeEnvelope } from "../message/envelope.ts";
import { encodeError } from "../message/error_codec.ts";
import { decode } from "../message/json_codec.ts";
import type { Held } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";
import { makeRecord, type RecordFacts } from "./records.ts";
import { successors } from "./successors.ts";

/** Makes settlements for the tasks of one worker. */
export class Settlements {
  readonly #app: Internals;
  readonly #worker: string;

  /** @param worker the node name */
  constructor(app: Internals, worker: string) {
    this.#app = app;
    this.#worker = worker;
  }

  /** What an outcome causes. */
  of(held: Held, outcome: Outcome): Settlement {
    switch (outcome.kind) {
      case "success":
        return this.#succeeded(held, outcome, outcome.value);
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
            },
          },
          this.#record(held, outcome, {
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
      case "ignore":
        return this.#settle(held, { kind: "ack" });
      case "reject":
        return this.#settle(
          held,
          outcome.requeue
            ? { kind: "release" }
            : { kind: "dead", reason: "Reject", detail: outcome.detail },
        );
      case "lost":
        return held.policy.rejectOnWorkerLost && !held.acknowledged
          ? this.#settle(held, { kind: "release", lost: true })
          : this.#failed(held, outcome, outcome.error);
      case "released":
        return this.#settle(held, { kind: "release" });
    }
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

  /** A task with which too many workers were lost. */
  poison(held: Held, now: number): Settlement {
    const detail =
      `Task "${held.envelope.task}" (${held.delivery.id}) was given up: ${held.delivery.losses} workers were lost while they held it`;
    const failed = this.#failed(
      held,
      { endedAt: now },
      encodeError(new WorkerLostError(detail)),
    );
    return {
      ...failed,
      action: { kind: "dead", reason: "WorkerLostError", detail },
    };
  }

  /** A task that cannot run here: FAILURE, and to the dead letters. */
  dead(held: Held, error: Error, now: number): Settlement {
    return {
      ...this.#failed(held, { endedAt: now }, encodeError(error)),
      action: { kind: "dead", reason: error.name, detail: error.message },
    };
  }

  /** The state STARTED. */
  started(held: Held, at: number): ResultRecord {
    return makeRecord(this.#app, held.envelope, {
      state: "STARTED",
      worker: this.#worker,
      at,
      receivedAt: held.receivedAt,
      losses: held.delivery.losses,
    });
  }

  #succeeded(held: Held, outcome: Times, value: string | null): Settlement {
    return this.#settle(
      held,
      { kind: "ack" },
      this.#record(held, outcome, { state: "SUCCESS", value }),
      successors(
        this.#app,
        held.envelope,
        held.envelope.link,
        () => [value === null ? undefined : decode(value)],
      ),
    );
  }

  #failed(held: Held, outcome: Times, error: string): Settlement {
    return this.#ended(held, outcome, "FAILURE", error);
  }

  /** Ended without a result: callbacks for errors follow. */
  #ended(
    held: Held,
    outcome: Times,
    state: "FAILURE" | "REVOKED",
    error: string,
  ): Settlement {
    const { envelope } = held;
    return this.#settle(
      held,
      { kind: "ack" },
      this.#record(held, outcome, { state, error }),
      successors(this.#app, envelope, envelope.linkError, () => [
        {
          id: envelope.id,
          task: envelope.task,
          // Read anew: the task may have changed those that it was given.
          args: decodeEnvelope(held.delivery.body).args,
          retries: envelope.retries,
        },
        JSON.parse(error),
      ]),
    );
  }

  #settle(
    held: Held,
    action: SettleAction,
    result?: ResultRecord,
    publish?: readonly Message[],
  ): Settlement {
    return {
      id: held.delivery.id,
      token: held.delivery.token,
      action,
      result,
      publish: publish?.length === 0 ? undefined : publish,
    };
  }

  #record(
    held: Held,
    outcome: Times,
    facts: Pick<RecordFacts, "state" | "value" | "error" | "eta">,
  ): ResultRecord | undefined {
    if (!isStored(held, facts.state)) return undefined;
    return makeRecord(this.#app, held.envelope, {
      ...facts,
      worker: this.#worker,
      at: outcome.endedAt,
      receivedAt: held.receivedAt,
      startedAt: outcome.startedAt,
      losses: held.delivery.losses,
      children: outcome.children,
    });
  }
}

/** When a run went on. */
type Times = Pick<Outcome, "endedAt" | "startedAt" | "children">;

function isStored(held: Held, state: string): boolean {
  const ignored = held.envelope.ignoreResult ?? held.policy.ignoreResult;
  return !ignored || (held.policy.storeErrors && state === "FAILURE");
}

function messageOf({ delivery }: Held): Message {
  return {
    id: delivery.id,
    task: delivery.task,
    queue: delivery.queue,
    priority: delivery.priority,
    eta: delivery.eta,
    body: delivery.body,
  };
}
