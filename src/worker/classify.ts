/**
 * What an error that ended a run means.
 *
 * @module
 */

import { Ignore, Reject, Replace, Retry, WorkerShutdown } from "../errors.ts";
import {
  decodeEnvelope,
  encodeEnvelope,
  type Envelope,
} from "../message/envelope.ts";
import { encodeError } from "../message/error_codec.ts";
import { decodeCall, encodeArgs } from "../message/json_codec.ts";
import type { AnyTask } from "../task.ts";
import type { TaskPolicy } from "../task_policy.ts";
import type { OutcomeDetail } from "./outcome.ts";
import type { InterruptReason } from "../interrupt.ts";
import { autoretryDelay, isAutoretried, isExpected } from "./retry.ts";

/** The run that threw. */
export interface ThrownIn {
  /** What it ran for. */
  readonly envelope: Envelope;
  /** The same, as it came. */
  readonly body: string;
  /** The task. */
  readonly task: AnyTask;
  /** How the task is retried. */
  readonly policy: TaskPolicy;
  /** The run itself. */
  readonly run: { now(): number; interrupted(): InterruptReason | null };
}

/** The outcome of a run that threw. */
export function classify(thrownIn: ThrownIn, error: unknown): OutcomeDetail {
  const { task, run } = thrownIn;
  if (error instanceof Ignore) return { kind: "ignore" };
  if (error instanceof Reject) {
    return { kind: "reject", requeue: error.requeue, detail: error.message };
  }
  if (error instanceof Retry) return retried(thrownIn, error);
  if (error instanceof Replace) {
    return { kind: "replaced", canvas: JSON.stringify(error.canvas) };
  }
  const interrupted = run.interrupted();
  if (interrupted === "revoked") {
    // It becomes the message of an error, which has a name of its own.
    const detail = error instanceof Error ? error.message : String(error);
    return { kind: "revoked", detail };
  }
  if (interrupted === "shutdown" || error instanceof WorkerShutdown) {
    return { kind: "released" };
  }
  if (isAutoretried(task.options, error) && hasRetriesLeft(thrownIn)) {
    const delay = autoretryDelay(task.options, thrownIn.envelope.retries);
    const retry = new Retry("", run.now() + delay, {}, { cause: error });
    return retried(thrownIn, retry);
  }
  return {
    kind: "failure",
    error: encodeError(error),
    ...(isExpected(task.options, error) ? { expected: true } : {}),
  };
}

/** The state that an outcome leaves the task in, for its hooks. */
export function stateOf(detail: OutcomeDetail): string {
  return STATES[detail.kind];
}

const STATES: Readonly<Record<OutcomeDetail["kind"], string>> = {
  success: "SUCCESS",
  failure: "FAILURE",
  retry: "RETRY",
  replaced: "REPLACED",
  ignore: "IGNORED",
  reject: "REJECTED",
  revoked: "REVOKED",
  lost: "FAILURE",
  released: "PENDING",
};

function hasRetriesLeft({ task, policy, envelope }: ThrownIn): boolean {
  const { retryKwargs } = task.options;
  const max = retryKwargs?.maxRetries === undefined
    ? policy.maxRetries
    : retryKwargs.maxRetries;
  return max === null || envelope.retries < max;
}

function retried({ body, run }: ThrownIn, retry: Retry): OutcomeDetail {
  const { args, queue, priority, headers } = retry.changes;
  // Read anew: the task may have changed the arguments that it was given.
  const envelope = decodeEnvelope(body);
  const next: Envelope = {
    ...envelope,
    ...(args === undefined
      ? {}
      : { meta: undefined, ...encodeArgs(args, decodeCall(envelope).kwargs) }),
    headers: headers === undefined
      ? envelope.headers
      : { ...envelope.headers, ...headers },
    retries: envelope.retries + 1,
    eta: retry.eta,
    retriedAt: run.now(),
    queue: queue ?? envelope.queue,
    priority: priority ?? envelope.priority,
  };
  return {
    kind: "retry",
    error: encodeError(retry.cause ?? retry),
    body: encodeEnvelope(next),
    eta: retry.eta,
    queue: next.queue,
    priority: next.priority,
  };
}
