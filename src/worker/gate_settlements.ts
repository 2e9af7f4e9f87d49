/**
 * From a delivery that does not run to its settlement: its end is decided at
 * the gate.
 *
 * @module
 */

import type { Settlement } from "../contracts/broker.ts";
import type { ResultRecord } from "../contracts/result_backend.ts";
import { Ignore } from "../errors.ts";
import type { Internals } from "../internals.ts";
import type { GivenOutcome } from "../message/envelope.ts";
import { decodeError, encodeError } from "../message/error_codec.ts";
import { launched } from "./continuation.ts";
import { type Endings, settle } from "./endings.ts";
import type { Held } from "./in_flight.ts";
import type { Recorder } from "./recorder.ts";

/** What ends a task whose end was decided before it could run. */
export interface Given {
  /** Its settlement. */
  readonly settlement: Settlement;
  /** The records of later steps that fail with it; to be stored before. */
  readonly failed: readonly ResultRecord[];
}

/** Makes settlements for deliveries that do not run. */
export class GateSettlements {
  readonly #app: Internals;
  readonly #endings: Endings;
  readonly #recorder: Recorder;

  /** @param recorder the one that the endings write with */
  constructor(app: Internals, endings: Endings, recorder: Recorder) {
    this.#app = app;
    this.#endings = endings;
    this.#recorder = recorder;
  }

  /** A task that came after its expiry. */
  expired(held: Held, now: number): Settlement {
    const detail = `Task ${held.delivery.id} expired before it could start`;
    return this.#endings.revoked(held, { endedAt: now }, detail);
  }

  /** A task that was revoked while it waited. */
  revoked(held: Held, now: number): Settlement {
    const detail = `Task ${held.delivery.id} was revoked`;
    return this.#endings.revoked(held, { endedAt: now }, detail);
  }

  /** A task whose end was decided before it could run. */
  given(held: Held, outcome: GivenOutcome, now: number): Given {
    const times = { endedAt: now };
    if (!("error" in outcome)) {
      const settlement = this.#endings.succeeded(held, times, outcome.value);
      return { settlement, failed: [] };
    }
    const { error, isOwn = false } = outcome;
    if (isOwn && decodeError(error) instanceof Ignore) {
      return { settlement: this.#endings.ignored(held, times), failed: [] };
    }
    const next = this.#endings.afterFailure(held, error);
    return {
      settlement: this.#endings.failed(held, times, error, next),
      failed: this.#recorder.failedWith(next, error, now),
    };
  }

  /** A task that is nothing but the sending of a canvas. */
  launched(held: Held, now: number): Settlement {
    const times = { endedAt: now };
    try {
      const next = launched(this.#app, held.envelope);
      const record = this.#recorder.ran(
        held,
        times,
        { state: "SUCCESS", value: null },
        next,
      );
      return settle(held, { kind: "ack" }, record, next);
    } catch (error) {
      return this.#endings.failed(held, times, encodeError(error));
    }
  }

  /** A task that was given up before it ran. */
  dead(held: Held, error: Error, now: number): Settlement {
    return this.#endings.dead(held, { endedAt: now }, error);
  }
}
