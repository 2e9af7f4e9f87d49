/**
 * Runs tasks and canvases at the call, through the same steps as in a worker.
 * Retries run at once, without their delay.
 *
 * @module
 */

import { unfold } from "../canvas/unfold.ts";
import { handleOf } from "../canvas/handle.ts";
import type { Settlement } from "../contracts/broker.ts";
import type { GroupEnd } from "../contracts/groups.ts";
import type { ResultRecord } from "../contracts/result_backend.ts";
import { currentTask, useCurrentStorage } from "../current.ts";
import { NotRegisteredError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import type { CanvasJson } from "../message/canvas_json.ts";
import {
  decodeEnvelope,
  encodeEnvelope,
  type Envelope,
} from "../message/envelope.ts";
import { decodeError } from "../message/error_codec.ts";
import { AsyncResult } from "../producer/async_result.ts";
import type { GroupMember } from "../producer/group_result.ts";
import { taskStorage } from "../runtime/async_context.ts";
import { Endings } from "./endings.ts";
import { GateSettlements } from "./gate_settlements.ts";
import type { Held } from "./in_flight.ts";
import type { Outcome } from "./outcome.ts";
import { Recorder } from "./recorder.ts";
import { RunSettlements } from "./run_settlements.ts";
import { TaskRunner } from "./task_runner.ts";
import type { RunSurroundings } from "./runner.ts";

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
  const line = new EagerLine(app);
  await line.run(envelope);
  line.propagate();
  const record = line.records.get(envelope.id);
  return new AsyncResult(app, envelope.id, null, record);
}

/** Runs a frozen canvas here and now; the same errors. */
export async function runCanvas(
  app: Internals,
  canvas: CanvasJson,
  values: readonly unknown[],
): Promise<GroupMember> {
  const line = new EagerLine(app);
  const parent = currentTask();
  const { envelopes, plans } = unfold(app, canvas, { parent, values });
  for (const { id, size, body } of plans) line.open(id, size, body);
  for (const envelope of envelopes) await line.run(envelope);
  line.propagate();
  return handleOf(app, canvas, null, line.records);
}

interface OpenGroup {
  left: number;
  readonly body: Envelope;
}

/** A task that has ended. */
interface Finished {
  readonly record: ResultRecord;
  readonly settlement: Settlement;
  /** Later steps that have failed with it. */
  readonly failed: readonly ResultRecord[];
}

/** Tasks that follow from each other, and what became of them. */
class EagerLine {
  readonly records = new Map<string, ResultRecord>();
  #firstError: string | null = null;
  readonly #app: Internals;
  readonly #groups = new Map<string, OpenGroup>();
  readonly #runner: TaskRunner;
  readonly #ran: RunSettlements;
  readonly #notRun: GateSettlements;

  constructor(app: Internals) {
    // Many can run at a time here; in an isolate, they run inside its task.
    if (currentTask() === undefined) useCurrentStorage(taskStorage());
    this.#app = app;
    this.#runner = new TaskRunner(app);
    const recorder = new Recorder(app, HOSTNAME);
    const endings = new Endings(app, recorder);
    this.#ran = new RunSettlements(app, endings, recorder);
    this.#notRun = new GateSettlements(app, endings, recorder);
  }

  /** Begins a group. */
  open(id: string, size: number, body: Envelope): void {
    if (!this.#groups.has(id)) this.#groups.set(id, { left: size, body });
  }

  /** Runs a task and all that follows. */
  async run(envelope: Envelope): Promise<void> {
    const { record, settlement, failed } = await this.#finish(envelope);
    const records = [record, ...failed];
    for (const each of records) this.records.set(each.id, each);
    this.#firstError ??= record.error;
    const { publish = [], groups = [], ends = [] } = settlement;
    for (const { id, size, body } of groups) {
      this.open(id, size, decodeEnvelope(body.body));
    }
    for (const { body } of publish) await this.run(decodeEnvelope(body));
    for (const end of ends) await this.#end(end);
    const settings = this.#app.settings();
    if (settings.taskStoreEagerResult) {
      const { backend } = await this.#app.stores.open();
      await backend.results.store(records);
    }
  }

  /** Throws the first error, if the app wants that. */
  propagate(): void {
    const { taskEagerPropagates } = this.#app.settings();
    if (!taskEagerPropagates || this.#firstError === null) return;
    throw decodeError(this.#firstError);
  }

  async #end({ group, failed }: GroupEnd): Promise<void> {
    const open = this.#groups.get(group);
    if (open === undefined) return;
    open.left--;
    if (open.left > 0 && !failed) return;
    this.#groups.delete(group);
    await this.run(open.body);
  }

  async #finish(
    first: Envelope,
  ): Promise<Finished> {
    for (let envelope = first;;) {
      const held = holdEagerly(this.#app, envelope);
      const now = this.#app.clock().now();
      if (envelope.outcome !== undefined) {
        const { settlement, failed } = this.#notRun.given(
          held,
          envelope.outcome,
          now,
        );
        const ended: Outcome = { kind: "ignore", endedAt: now };
        const record = settlement.result ?? unstored(held, ended);
        return { record, settlement, failed };
      }
      const outcome = await this.#runner
        .start(held.delivery.body, this.#surroundings(held)).outcome;
      if (outcome.kind === "retry") {
        envelope = decodeEnvelope(outcome.body);
        continue;
      }
      const settlement = this.#ran.of(held, outcome);
      return {
        record: settlement.result ?? unstored(held, outcome),
        settlement,
        failed: [],
      };
    }
  }

  #surroundings(held: Held): RunSurroundings {
    return {
      hostname: HOSTNAME,
      delivery: held.job.delivery,
      eager: true,
      known: this.records,
      interrupted: () => null,
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
