/**
 * How a task ends: what is recorded, what follows from it, and what becomes of
 * its delivery, in one settlement.
 *
 * @module
 */

import type { SettleAction, Settlement } from "../contracts/broker.ts";
import type { ResultRecord } from "../contracts/result_backend.ts";
import { Ignore, TaskRevokedError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { encodeError } from "../message/error_codec.ts";
import { decode } from "../message/json_codec.ts";
import {
  type Callbacks,
  callbacks,
  errorCallbacks,
  NO_CALLBACKS,
} from "./callbacks.ts";
import {
  afterAdding,
  afterFailure,
  afterSuccess,
  type Next,
} from "./continuation.ts";
import type { Held } from "./in_flight.ts";
import type { Recorder, Times } from "./recorder.ts";

/** Ends the tasks of one worker. */
export class Endings {
  readonly #app: Internals;
  readonly #recorder: Recorder;

  /** @param recorder writes what is recorded */
  constructor(app: Internals, recorder: Recorder) {
    this.#app = app;
    this.#recorder = recorder;
  }

  /**
   * SUCCESS: callbacks and the next of its chain follow.
   *
   * @param added what it added to its chord; JSON of a list of `CanvasJson`
   */
  succeeded(
    held: Held,
    times: Times,
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
      return this.failed(held, times, encodeError(error));
    }
    return settle(
      held,
      { kind: "ack" },
      this.#recorder.ran(held, times, { state: "SUCCESS", value }, next),
      next,
    );
  }

  /**
   * FAILURE.
   *
   * @param error encoded
   * @param next what follows, where that is known already
   */
  failed(held: Held, times: Times, error: string, next?: Next): Settlement {
    return this.#ended(held, times, "FAILURE", error, next);
  }

  /** FAILURE, and to the dead letters. */
  dead(held: Held, times: Times, error: Error): Settlement {
    return {
      ...this.failed(held, times, encodeError(error)),
      action: { kind: "dead", reason: error.name, detail: error.message },
    };
  }

  /** REVOKED, by somebody or by its expiry. */
  revoked(held: Held, times: Times, detail: string): Settlement {
    const error = encodeError(new TaskRevokedError(detail));
    return this.#ended(held, times, "REVOKED", error);
  }

  /** It asked to be forgotten. Who waits for its result must not wait forever. */
  ignored(held: Held, times: Times): Settlement {
    const { chain, chord } = held.envelope;
    if (chain === undefined && chord === undefined) {
      return settle(held, { kind: "ack" });
    }
    const error = encodeError(ignoredError(held));
    return settle(
      held,
      { kind: "ack" },
      this.#recorder.ran(held, times, { state: "IGNORED", error }),
      this.afterFailure(held, error, NO_CALLBACKS),
    );
  }

  #ended(
    held: Held,
    times: Times,
    state: "FAILURE" | "REVOKED",
    error: string,
    next: Next = this.afterFailure(held, error),
  ): Settlement {
    return settle(
      held,
      { kind: "ack" },
      this.#recorder.ran(held, times, { state, error }, next),
      next,
    );
  }

  /** What follows when it fails: its callbacks for errors, and later steps. */
  afterFailure(
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
}

/** The settlement of a delivery: what becomes of it, and what it causes. */
export function settle(
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

/** What those hear that wait for a task that was ignored. */
export function ignoredError({ envelope }: Held): Error {
  return new Ignore(
    `Task "${envelope.task}" (${envelope.id}) was ignored, so that it has no result to hand on`,
  );
}

const NOTHING: Next = {};

function unlessEmpty<T>(
  list: readonly T[] | undefined,
): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

function isOwnFailure({ envelope: { outcome } }: Held): boolean {
  return outcome === undefined || !("error" in outcome) ||
    outcome.isOwn === true;
}
