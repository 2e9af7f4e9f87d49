/**
 * What the records of one worker's tasks say, where they are stored at all.
 *
 * @module
 */

import type { ResultRecord } from "../contracts/result_backend.ts";
import type { Internals } from "../internals.ts";
import type { Envelope } from "../message/envelope.ts";
import type { Next } from "./continuation.ts";
import { childrenOf } from "./followers.ts";
import type { Held } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";
import { makeRecord, type RecordFacts } from "./records.ts";

/** When a run went on. */
export type Times = Pick<Outcome, "endedAt" | "startedAt" | "children">;

/** Writes the records of one worker's tasks. */
export class Recorder {
  readonly #app: Internals;
  readonly #worker: string;

  /** @param worker the node name */
  constructor(app: Internals, worker: string) {
    this.#app = app;
    this.#worker = worker;
  }

  /** The state STARTED, if it is stored. */
  started(held: Held, at: number): ResultRecord | undefined {
    if (!isStored(held, "STARTED")) return undefined;
    return makeRecord(this.#app, held.envelope, {
      state: "STARTED",
      worker: this.#worker,
      at,
      receivedAt: held.receivedAt,
      losses: held.delivery.losses,
    });
  }

  /** What came of a run, if it is stored. */
  ran(
    held: Held,
    times: Times,
    facts: Pick<RecordFacts, "state" | "value" | "error" | "eta">,
    next: Next = {},
  ): ResultRecord | undefined {
    if (!isStored(held, facts.state)) return undefined;
    // Field by field: a spread costs each task more than all the rest here.
    return makeRecord(this.#app, held.envelope, {
      state: facts.state,
      value: facts.value,
      error: facts.error,
      eta: facts.eta,
      worker: this.#worker,
      at: times.endedAt,
      receivedAt: held.receivedAt,
      startedAt: times.startedAt,
      losses: held.delivery.losses,
      children: childrenOf(times.children, next),
      added: next.added,
    });
  }

  /** What came of later steps that failed together, as far as it is stored. */
  failedWith(next: Next, error: string, at: number): readonly ResultRecord[] {
    const { failed = [] } = next;
    return failed.flatMap((envelope, index) => {
      if (!isStored(this.#heldAs(envelope), "FAILURE")) return [];
      const after = { ...next, failed: failed.slice(index + 1, index + 2) };
      return makeRecord(this.#app, envelope, {
        ...{ state: "FAILURE", error, at },
        worker: this.#worker,
        children: childrenOf(undefined, after),
      });
    });
  }

  // A worker need not know the task of a step that it fails.
  #heldAs(envelope: Envelope): StoredAs {
    const task = this.#app.tasks.get(envelope.task);
    const { ignoreResult = false, storeErrors = true } =
      task?.policy(this.#app.settings()) ?? {};
    return { envelope, policy: { ignoreResult, storeErrors } };
  }
}

/** What says whether a task's states are stored. */
interface StoredAs {
  readonly envelope: Envelope;
  readonly policy: Pick<Held["policy"], "ignoreResult" | "storeErrors">;
}

function isStored({ envelope, policy }: StoredAs, state: string): boolean {
  const ignored = envelope.ignoreResult ?? policy.ignoreResult;
  return !ignored || (policy.storeErrors && state === "FAILURE");
}
