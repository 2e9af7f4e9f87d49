/**
 * Runs a task at the call, through the same steps as in a worker. Retries run
 * at once, without their delay.
 *
 * @module
 */

import type { ResultRecord } from "../contracts/result_backend.ts";
import { currentTask, useCurrentStorage } from "../current.ts";
import { NotRegisteredError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import {
  decodeEnvelope,
  encodeEnvelope,
  type Envelope,
} from "../message/envelope.ts";
import { decodeError } from "../message/error_codec.ts";
import { AsyncResult } from "../producer/async_result.ts";
import { taskStorage } from "../runtime/async_context.ts";
import type { Held } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";
import { TaskRunner } from "./run.ts";
import type { RunSurroundings } from "./runner.ts";
import { Settlements } from "./settlement.ts";

const HOSTNAME = "eager";

/**
 * Runs a task here and now.
 *
 * @throws {NotRegisteredError} when the task's code is not here
 * @throws the task's error, with `taskEagerPropagates`
 */
export async function runEagerly(
  app: Internals,
  envelope: Envelope,
): Promise<AsyncResult<unknown>> {
  // Many can run at a time here; in an isolate, they run inside its one task.
  if (currentTask() === undefined) useCurrentStorage(taskStorage());
  const { record, followers } = await finish(app, envelope);
  for (const body of followers) await runEagerly(app, decodeEnvelope(body));
  const settings = app.settings();
  if (settings.taskStoreEagerResult) {
    const { backend } = await app.stores.open();
    await backend.results.store([record]);
  }
  if (settings.taskEagerPropagates && record.error !== null) {
    throw decodeError(record.error);
  }
  return new AsyncResult(app, envelope.id, null, record);
}

async function finish(
  app: Internals,
  first: Envelope,
): Promise<{ record: ResultRecord; followers: readonly string[] }> {
  const runner = new TaskRunner(app);
  const settlements = new Settlements(app, HOSTNAME);
  for (let envelope = first;;) {
    const held = holdEagerly(app, envelope);
    const outcome = await runner.start(held.delivery.body, surroundings(held))
      .outcome;
    if (outcome.kind === "retry") {
      envelope = decodeEnvelope(outcome.body);
      continue;
    }
    const { result, publish } = settlements.of(held, outcome);
    return {
      record: result ?? unstored(held, outcome),
      followers: publish?.map(({ body }) => body) ?? [],
    };
  }
}

function holdEagerly(app: Internals, envelope: Envelope): Held {
  const task = app.tasks.get(envelope.task);
  if (task === undefined) {
    throw new NotRegisteredError(
      `Task "${envelope.task}" cannot run here: no task of this name is registered in app "${app.name}"`,
    );
  }
  const policy = { ...task.policy(app.settings()), ignoreResult: false };
  const body = encodeEnvelope(envelope);
  const { id, queue, priority } = envelope;
  const limits = { softLimit: null, hardLimit: null };
  return {
    envelope: { ...envelope, ignoreResult: undefined },
    policy,
    receivedAt: app.clock().now(),
    acknowledged: false,
    delivery: {
      id,
      task: envelope.task,
      queue,
      priority,
      eta: null,
      body,
      token: 0,
      losses: 0,
      cancelled: false,
    },
    job: {
      key: 0,
      id,
      task: envelope.task,
      body,
      delivery: { queue, priority, losses: 0, ...limits },
      ...limits,
      reportStart: false,
      walls: { permissions: null, memoryLimit: null },
    },
  };
}

function surroundings(held: Held): RunSurroundings {
  return {
    hostname: HOSTNAME,
    delivery: held.job.delivery,
    eager: true,
    interrupted: () => null,
  };
}

// Ignored and rejected tasks leave no result; who called still gets a state.
function unstored(held: Held, outcome: Outcome): ResultRecord {
  return {
    id: held.delivery.id,
    state: outcome.kind === "reject" ? "REJECTED" : "IGNORED",
    ended: true,
    task: held.envelope.task,
    worker: HOSTNAME,
    updatedAt: outcome.endedAt,
    expiresAt: null,
    value: null,
    error: null,
    meta: "{}",
  };
}
