/**
 * One run of one task, in whatever isolate it happens: from the envelope to
 * the outcome, in named steps.
 *
 * @module
 */

import { type ContextSurroundings, TaskContext } from "../context.ts";
import {
  type CurrentTask,
  currentTask,
  leaveCurrentTask,
  withCurrentTask,
} from "../current.ts";
import { NotRegisteredError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import {
  decodeEnvelope,
  type Envelope,
  type HeaderRef,
} from "../message/envelope.ts";
import { encodeError } from "../message/error_codec.ts";
import type { CanvasJson } from "../message/canvas_json.ts";
import { decodeCall, encode } from "../message/json_codec.ts";
import { parseArguments, parseResult } from "../producer/validate.ts";
import type { AnyTask } from "../task.ts";
import type { TaskPolicy } from "../task_policy.ts";
import { classify } from "./classify.ts";
import type { Outcome, OutcomeDetail } from "./outcome.ts";
import type { InterruptReason } from "../interrupt.ts";
import { loadHeader } from "./header.ts";
import { makeRecord } from "./records.ts";
import { requestOf } from "./request.ts";
import {
  type FollowedRun,
  isFollowed,
  tellBegun,
  tellReturned,
  tellThrew,
} from "./run_hooks.ts";
import type { CustomEvent, Run, RunSurroundings } from "./runner.ts";

/** What a run knows once its envelope is read. */
interface Prepared {
  readonly body: string;
  readonly envelope: Envelope;
  readonly task: AnyTask;
  readonly policy: TaskPolicy;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** The runs whose results it takes, as far as they are traced. */
  readonly joined?: readonly string[];
}

/** A run of a task; it begins when it is made. */
export class TaskRun implements Run, ContextSurroundings {
  readonly outcome: Promise<Outcome>;
  readonly #app: Internals;
  readonly #surroundings: RunSurroundings;
  readonly #outer = currentTask();
  #prepared: Prepared | null = null;
  #context: TaskContext | null = null;
  #current: CurrentTask | null = null;
  #startedAt: number | undefined;
  #added: CanvasJson[] | null = null;

  constructor(app: Internals, body: string, surroundings: RunSurroundings) {
    this.#app = app;
    this.#surroundings = surroundings;
    this.outcome = this.#execute(body);
  }

  interrupt(reason: InterruptReason): void {
    // A run whose context nobody has asked for has nobody to tell.
    this.#context?.interrupt(reason);
  }

  interrupted(): InterruptReason | null {
    return this.#surroundings.interrupted();
  }

  addToChord(canvas: CanvasJson): void {
    (this.#added ??= []).push(canvas);
  }

  now(): number {
    return this.#app.clock().now();
  }

  sendEvent(event: CustomEvent): void {
    this.#surroundings.sendEvent?.(event);
  }

  get maxRetries(): number | null {
    return this.#prepared?.policy.maxRetries ?? null;
  }

  get defaultRetryDelay(): number {
    return this.#prepared?.policy.defaultRetryDelay ?? 0;
  }

  async storeState(state: string, meta: unknown): Promise<void> {
    if (this.#prepared === null || this.#surroundings.eager === true) return;
    const { backend } = await this.#app.stores.open();
    const value = meta === undefined ? null : encode(meta, "meta");
    await backend.results.store([
      makeRecord(this.#app, this.#prepared.envelope, {
        state,
        value,
        worker: this.#surroundings.hostname,
        startedAt: this.#startedAt,
        losses: this.#surroundings.delivery.losses,
      }),
    ]);
  }

  /** The usual run has no promise but that of its steps. */
  #execute(body: string): Promise<Outcome> {
    try {
      const prepared = this.#prepared = this.#prepare(body);
      return prepared.envelope.header === undefined
        ? this.#traced(prepared)
        : this.#startWithHeader(prepared, prepared.envelope.header);
    } catch (error) {
      return Promise.resolve(this.#finish(failure(error)));
    }
  }

  /** Starts a run that takes the results of a header. */
  async #startWithHeader(
    plain: Prepared,
    header: HeaderRef,
  ): Promise<Outcome> {
    try {
      const prepared = this.#prepared = await this.#withHeader(plain, header);
      return await this.#traced(prepared);
    } catch (error) {
      return this.#finish(failure(error));
    }
  }

  #traced(prepared: Prepared): Promise<Outcome> {
    const { current: telemetry } = this.#app.telemetry;
    if (telemetry === null) return this.#start(prepared);
    return telemetry.run(
      prepared.envelope,
      this.#surroundings,
      () => this.#start(prepared),
      prepared.joined,
    );
  }

  #start(prepared: Prepared): Promise<Outcome> {
    const current = this.#current = currentOf(prepared.envelope);
    return withCurrentTask(current, () => this.#steps(prepared));
  }

  /** From the envelope to the task, its context and its arguments. */
  #prepare(body: string): Prepared {
    const envelope = this.#surroundings.envelope ?? decodeEnvelope(body);
    const task = this.#app.tasks.get(envelope.task);
    if (task === undefined) {
      throw new NotRegisteredError(
        `No task named "${envelope.task}" is registered in app "${this.#app.name}"`,
      );
    }
    const { args, kwargs } = decodeCall(envelope);
    const all = kwargs === undefined ? args : [...args, kwargs];
    const policy = task.policy(this.#app.settings());
    return {
      body,
      envelope,
      task,
      policy,
      args: all,
      kwargs: kwargs ?? NO_KWARGS,
    };
  }

  /** A chord's body takes the results of the header, which are not sent. */
  async #withHeader(prepared: Prepared, header: HeaderRef): Promise<Prepared> {
    const { values, traces } = await loadHeader(
      this.#app,
      header,
      this.#surroundings,
    );
    const args = header.isIgnored === true
      ? prepared.args
      : [values, ...prepared.args];
    return { ...prepared, args, joined: traces };
  }

  /** Made when somebody asks for it: most tasks never do. */
  #contextOf(prepared: Prepared): TaskContext {
    if (this.#context !== null) return this.#context;
    const { envelope, args, kwargs } = prepared;
    const request = requestOf(envelope, args, kwargs, this.#surroundings);
    const context = this.#context = new TaskContext(request, this);
    const reason = this.interrupted();
    if (reason !== null) context.interrupt(reason);
    return context;
  }

  async #steps(prepared: Prepared): Promise<Outcome> {
    const { task } = prepared;
    const { schema, beforeStart } = task.options;
    let args = prepared.args;
    try {
      tellBegun(this.#app, prepared.envelope, args);
      this.#startedAt = this.now();
      if (schema !== undefined) args = await parseArguments(task, args);
      if (beforeStart !== undefined) {
        await beforeStart(this.#contextOf(prepared), args);
      }
      let result = await this.#call(prepared, args);
      if (schema !== undefined) result = await parseResult(task, result);
      const value = encode(result, "result");
      if (isFollowed(this.#app, task)) {
        await tellReturned(this.#followed(prepared, args), result);
      }
      return this.#finish(this.#success(value));
    } catch (error) {
      return this.#finish(await this.#caught(prepared, error, args));
    } finally {
      leaveCurrentTask(this.#outer);
    }
  }

  #success(value: string | null): OutcomeDetail {
    return this.#added === null
      ? { kind: "success", value }
      : { kind: "success", value, added: JSON.stringify(this.#added) };
  }

  async #caught(
    prepared: Prepared,
    thrown: unknown,
    args: readonly unknown[],
  ): Promise<OutcomeDetail> {
    try {
      const detail = classify({ ...prepared, run: this }, thrown);
      await tellThrew(this.#followed(prepared, args), detail, thrown);
      return detail;
    } catch (error) {
      return failure(error);
    }
  }

  /** Calls the function through the middleware. */
  #call(prepared: Prepared, args: readonly unknown[]): unknown {
    const { middleware } = this.#app;
    const self = () => this.#contextOf(prepared);
    if (middleware.length === 0) return prepared.task.run(self, args);
    let call = (): unknown => prepared.task.run(self, args);
    for (const { run } of middleware.toReversed()) {
      if (run === undefined) continue;
      const next = call;
      call = () => run(self(), async () => await next());
    }
    return call();
  }

  #followed(prepared: Prepared, args: readonly unknown[]): FollowedRun {
    const { task, envelope } = prepared;
    const self = () => this.#contextOf(prepared);
    return { app: this.#app, task, envelope, args, self };
  }

  // What was found out is this run's own: no copy is made of it.
  #finish(detail: OutcomeDetail): Outcome {
    const outcome = detail as Writable<Outcome>;
    outcome.endedAt = this.now();
    if (this.#startedAt !== undefined) outcome.startedAt = this.#startedAt;
    const children = this.#current?.children ?? [];
    if (children.length > 0) outcome.children = children;
    return outcome;
  }
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

const NO_KWARGS: Readonly<Record<string, unknown>> = Object.freeze({});

function currentOf(envelope: Envelope): CurrentTask {
  return {
    id: envelope.id,
    rootId: envelope.rootId,
    task: envelope.task,
    priority: envelope.priority,
    children: [],
  };
}

function failure(error: unknown): OutcomeDetail {
  return { kind: "failure", error: encodeError(error) };
}
