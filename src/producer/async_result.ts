/**
 * A handle on a task that was sent: look at it, wait for it, revoke it.
 *
 * @module
 */

import type { ResultRecord } from "../contracts/result_backend.ts";
import { LovageError, TimeoutError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { decodeError, remoteStack } from "../message/error_codec.ts";
import { decodeMeta, type ResultMeta } from "../message/result_meta.ts";
import { parseDuration } from "../message/time.ts";
import { LONGEST_TIMER } from "../service/clock.ts";
import { collectAll, type Collected } from "./collect.ts";
import { checkGet, type GetOptions } from "./get_options.ts";
import type { GroupResult } from "./group_result.ts";
import { decodeValue, valueOf } from "./result_value.ts";
import { revoke, type RevokeOptions } from "./revoke.ts";

export type { Collected } from "./collect.ts";
export type { GetOptions } from "./get_options.ts";

/** The states that every task can have; a task can set others itself. */
export type TaskState =
  | "PENDING"
  | "RECEIVED"
  | "STARTED"
  | "RETRY"
  | "SUCCESS"
  | "FAILURE"
  | "REVOKED";

/** All that is known of a task at one moment. */
export interface ResultInfo<R> {
  /** Its state. */
  readonly state: TaskState | (string & Record<never, never>);
  /** What it returned, once it has. */
  readonly result: R | undefined;
  /** Its error, or the metadata of a custom state. */
  readonly info: unknown;
  /** The stack of its error, as the worker saw it. */
  readonly traceback: string | undefined;
  /** When it ended. */
  readonly dateDone: Date | undefined;
  /** The task's name, when it is known. */
  readonly task: string | undefined;
  /** The node name of the worker that ran it. */
  readonly worker: string | undefined;
  /** Everything else that is known. */
  readonly meta: ResultMeta;
}

/**
 * A handle on a task that was sent: waits for its result, tells its state,
 * cancels it.
 */
export class AsyncResult<R = unknown> {
  /** The task's id. */
  readonly id: string;
  /** The task that this one was sent by or follows, where that is known here. */
  readonly parent: AsyncResult<unknown> | GroupResult<unknown> | null;
  readonly #app: Internals;
  // A result that is complete from the start: of eager calls.
  readonly #known: ResultRecord | undefined;
  // Only who sent the task knows; by an id alone nobody does.
  readonly #ignored: boolean;

  /** Use `app.AsyncResult(id)`. */
  constructor(
    app: Internals,
    id: string,
    parent: AsyncResult<unknown> | GroupResult<unknown> | null = null,
    known?: ResultRecord,
    ignored: boolean = false,
  ) {
    this.#app = app;
    this.id = id;
    this.parent = parent;
    this.#known = known;
    this.#ignored = ignored;
  }

  /** The task's id, as Celery calls it. */
  get taskId(): string {
    return this.id;
  }

  /**
   * The task's state. A task without a stored state is looked for among the
   * live ones: `PENDING` waits (or is unknown), `RECEIVED` is with a worker.
   */
  async state(): Promise<ResultInfo<R>["state"]> {
    return (await this.inspect()).state;
  }

  /** All that is known of the task now. */
  async inspect(): Promise<ResultInfo<R>> {
    const record = await this.#record();
    if (record?.ended === true) return infoOf<R>(record);
    const live = await this.#isHeld();
    if (record !== undefined && !(live && record.state === "RETRY")) {
      return infoOf<R>(record);
    }
    return { ...UNKNOWN, state: live ? "RECEIVED" : "PENDING" };
  }

  /** What the task returned; `undefined` until it has. */
  async result(): Promise<R | undefined> {
    return (await this.inspect()).result;
  }

  /** The result, the error, or the metadata of a custom state. */
  async info(): Promise<unknown> {
    return (await this.inspect()).info;
  }

  /** The stack of the task's error. */
  async traceback(): Promise<string | undefined> {
    return (await this.inspect()).traceback;
  }

  /** When the task ended. */
  async dateDone(): Promise<Date | undefined> {
    return (await this.inspect()).dateDone;
  }

  /** The tasks that this one sent, and those that its end led to. */
  async children(): Promise<readonly AsyncResult<unknown>[]> {
    const { meta } = await this.inspect();
    return (meta.children ?? []).map((id) =>
      new AsyncResult<unknown>(this.#app, id, this)
    );
  }

  /** Whether the task has ended. */
  async ready(): Promise<boolean> {
    return (await this.#record())?.ended === true;
  }

  /** Whether the task has returned. */
  async successful(): Promise<boolean> {
    return (await this.#record())?.state === "SUCCESS";
  }

  /** Whether the task has failed. */
  async failed(): Promise<boolean> {
    return (await this.#record())?.state === "FAILURE";
  }

  /**
   * Waits until the task has ended and returns what it returned.
   *
   * @throws the task's error, as an error of the same name; its stack on the
   * worker is the `cause`
   * @throws {TaskRevokedError} when it was revoked
   * @throws {TimeoutError} when the time is over before
   * @throws {LovageError} when the app is closed before, or when the task was
   * sent with its result ignored: nothing would ever come
   * @throws {ConfigError} for an option that will not do
   */
  async get(options: GetOptions = {}): Promise<R> {
    checkGet("get()", `task ${this.id}`, options);
    return valueOf(await this.#ended(options), options) as R;
  }

  /**
   * Goes through the task and all that it led to, breadth first: what it
   * sent, its callbacks, what follows it in its chain, and so on. Waits for
   * each that has not ended. The timeout is for all of them together.
   *
   * @example
   * ```ts ignore
   * for await (const [result, value] of root.collect()) {
   *   console.log(result.id, value);
   * }
   * ```
   * @throws the error of the first task that failed; with `propagate: false`
   * it is the value instead
   * @throws what {@linkcode AsyncResult.get} throws
   */
  collect(options: GetOptions = {}): AsyncGenerator<Collected> {
    checkGet("collect()", `task ${this.id}`, options);
    return collectAll([this], options);
  }

  /**
   * Revokes the task: it is taken out of its queue; if it runs, its signal
   * aborts, or with `terminate` it is ended by force.
   */
  async revoke(options: RevokeOptions = {}): Promise<void> {
    await revoke(this.#app, [this.id], options);
  }

  /** Drops what is stored of the task. */
  async forget(): Promise<void> {
    const { backend } = await this.#app.stores.open();
    await backend.results.forget([this.id]);
  }

  /** The id, so that a result can be kept as JSON. */
  toJSON(): string {
    return this.id;
  }

  /** The records of several tasks, fetched together. */
  static recordsOf(
    results: readonly AsyncResult<unknown>[],
  ): Promise<readonly (ResultRecord | undefined)[]> {
    return Promise.all(results.map((each) => each.#record()));
  }

  /** The record of a task once it has ended; throws as `get()` does. */
  static endOf(
    result: AsyncResult<unknown>,
    options: GetOptions,
  ): Promise<ResultRecord> {
    return result.#ended(options);
  }

  /**
   * A handle on a task that another one led to.
   *
   * @throws {LovageError} when nothing is known of it, as it ran eagerly
   */
  static childOf(
    parent: AsyncResult<unknown>,
    id: string,
  ): AsyncResult<unknown> {
    const app = parent.#app;
    if (parent.#known !== undefined && !app.settings().taskStoreEagerResult) {
      throw new LovageError(
        `What task ${parent.id} led to ran eagerly, and is kept only with taskStoreEagerResult`,
      );
    }
    return new AsyncResult<unknown>(app, id, parent);
  }

  async #record(): Promise<ResultRecord | undefined> {
    return this.#known ?? await this.#app.waiter.fetch(this.id);
  }

  async #isHeld(): Promise<boolean> {
    if (this.#known !== undefined) return false;
    const { broker } = await this.#app.stores.open();
    const [task] = await broker.inspector.find([this.id]);
    return task?.status === "running";
  }

  async #ended(options: GetOptions): Promise<ResultRecord> {
    if (this.#ignored) throw nothingToWaitFor(this.id);
    return this.#known ?? await this.#wait(options);
  }

  async #wait(options: GetOptions): Promise<ResultRecord> {
    const interval = parseDuration(options.interval ?? 1, "interval of get()");
    const timeout = options.timeout === undefined
      ? null
      : parseDuration(options.timeout, "timeout of get()");
    const gaveUp = new AbortController();
    const timer = timeout === null
      ? undefined
      : setTimeout(() => gaveUp.abort(), Math.min(timeout, LONGEST_TIMER));
    const given = options.signal;
    const follow = () => gaveUp.abort();
    given?.addEventListener("abort", follow, { once: true });
    try {
      given?.throwIfAborted();
      const record = await this.#app.waiter.ended(
        this.id,
        Math.max(interval, 10),
        gaveUp.signal,
      );
      if (record !== undefined) return record;
      given?.throwIfAborted();
      throw new TimeoutError(
        `Task ${this.id} has not ended within ${timeout} ms; it goes on, and its result can still be fetched: lovage explain ${this.id} says where it is`,
      );
    } finally {
      clearTimeout(timer);
      given?.removeEventListener("abort", follow);
    }
  }
}

const UNKNOWN = {
  result: undefined,
  info: undefined,
  traceback: undefined,
  dateDone: undefined,
  task: undefined,
  worker: undefined,
  meta: {},
} as const;

/** What a stored record tells of a task, as `inspect()` of a result gives it. */
export function infoOf<R>(record: ResultRecord): ResultInfo<R> {
  const succeeded = record.state === "SUCCESS";
  const error = record.error === null ? undefined : decodeError(record.error);
  const value = decodeValue(record);
  return {
    state: record.state,
    result: succeeded ? value as R : undefined,
    info: error ?? value,
    traceback: remoteStack(error),
    dateDone: record.ended ? new Date(record.updatedAt) : undefined,
    task: record.task,
    worker: record.worker ?? undefined,
    meta: decodeMeta(record.meta),
  };
}

function nothingToWaitFor(id: string): LovageError {
  return new LovageError(
    `The result of task ${id} is ignored, so there is nothing to wait for: send the task with { ignoreResult: false }, or do not call get()`,
  );
}
