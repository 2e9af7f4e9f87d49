/**
 * Has committed what becomes of the deliveries that a worker holds: in one
 * settlement, or, where a task was acknowledged before its run, piece by
 * piece, since it is in no queue any more.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Delivery, Settlement } from "../contracts/broker.ts";
import type { Internals } from "../internals.ts";
import { endMessage } from "./end_message.ts";
import type { Held } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";
import type { RunSettlements } from "./run_settlements.ts";
import type { Settler } from "./settler.ts";

const log = getLogger(["lovage", "worker"]);

/** What a committer works with. */
export interface CommitterParts {
  /** The app. */
  readonly app: Internals;
  /** Makes settlements of what comes of runs. */
  readonly settlements: RunSettlements;
  /** Commits them. */
  readonly settler: Settler;
  /** The node name of the worker. */
  readonly hostname: string;
}

/** Commits for one worker. What fails is logged: nobody waits for it. */
export class Committer {
  readonly #parts: CommitterParts;

  /** Nothing is committed yet. */
  constructor(parts: CommitterParts) {
    this.#parts = parts;
  }

  /** What came of a run. */
  ended(held: Held, outcome: Outcome): void {
    const { settlements, settler } = this.#parts;
    const settlement = settlements.of(this.#traced(held, outcome), outcome);
    if (held.acknowledged) this.#piecemeal(held, settlement);
    else settler.push(settlement);
  }

  /** It goes back to its queue. */
  returned({ acknowledged, delivery }: Held): void {
    const { settler } = this.#parts;
    // What was acknowledged early is in no queue any more; it is put back.
    const done = acknowledged
      ? settler.publish([delivery])
      : settler.settle([released(delivery)]);
    done.catch(logUnstored);
  }

  /** One that was never taken goes back to its queue. */
  refused(delivery: Delivery): void {
    this.#parts.settler.push(released(delivery));
  }

  #piecemeal(held: Held, settlement: Settlement): void {
    const { settler } = this.#parts;
    const ending = endMessage(held, settlement);
    if (ending !== undefined) {
      settler.publish([ending]).catch(logUnstored);
      return;
    }
    const { result, publish, groups, action } = settlement;
    if (result !== undefined) settler.store([result]).catch(logUnstored);
    const messages = action.kind === "requeue"
      ? [action.message, ...publish ?? []]
      : publish;
    if (groups !== undefined) {
      settler.begin(groups, messages ?? []).catch(logUnstored);
    } else if (messages !== undefined) {
      settler.publish(messages).catch(logUnstored);
    }
  }

  /** What follows from a run belongs to its trace. */
  #traced(held: Held, outcome: Outcome): Held {
    const { app, hostname } = this.#parts;
    const { current: telemetry } = app.telemetry;
    if (telemetry === null) return held;
    const { envelope, delivery } = held;
    const place = { hostname, delivery };
    const trace = telemetry.ended(envelope, place, outcome);
    // Most tasks lead to nothing: their trace need not be carried on.
    if (trace === undefined || isEmpty(trace)) return held;
    const headers = { ...envelope.headers, ...trace };
    return { ...held, envelope: { ...envelope, headers } };
  }
}

function released({ id, token }: Delivery): Settlement {
  return { id, token, action: { kind: "release" } };
}

function isEmpty(carrier: object): boolean {
  for (const _ in carrier) return false;
  return true;
}

/** Nobody waits for what could not be stored: it is logged. */
export function logUnstored(error: unknown): void {
  log.error("What came of a task could not be stored: {error}", {
    error: String(error),
  });
}
