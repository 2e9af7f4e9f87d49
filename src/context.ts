/**
 * What a bound task gets as `self`: its request, and what it can ask for.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Part } from "./canvas/types.ts";
import {
  ConfigError,
  EncodeError,
  MaxRetriesExceededError,
  Replace,
  Retry,
  type RetryChanges,
} from "./errors.ts";
import { type CanvasJson, checkCanvasJson } from "./message/canvas_json.ts";
import { encodeArgs } from "./message/json_codec.ts";
import { assertPlain } from "./message/json_refusal.ts";
import {
  type Duration,
  type Instant,
  parseDuration,
  parseInstant,
} from "./message/time.ts";
import {
  checkOptions,
  isDuration,
  isInstant,
  isInteger,
  isName,
  isObject,
  orNull,
  show,
} from "./options.ts";
import { checkCustomEvent } from "./custom_event.ts";
import { interruptError, type InterruptReason } from "./interrupt.ts";
import { directRequest, type TaskRequest } from "./task_request.ts";
import { count } from "./words.ts";

/** Logs a line; `{name}` in the message stands for a property. */
export type LogLine = (
  message: string,
  properties?: Record<string, unknown>,
) => void;

/** The logger of a task: a LogTape logger, by the members that tasks use. */
export interface TaskLogger {
  /** For whoever looks for the cause of something. */
  readonly debug: LogLine;
  /** For whoever follows what goes on. */
  readonly info: LogLine;
  /** For what may become trouble. */
  readonly warn: LogLine;
  /** For what is trouble. */
  readonly error: LogLine;
}

/** What surrounds a run, for its context. */
export interface ContextSurroundings {
  /** Why the run is to end, if it is. */
  interrupted(): InterruptReason | null;
  /** Adds a canvas to the chord that the task is a member of. */
  addToChord(canvas: CanvasJson): void;
  /** Tells those who watch. */
  sendEvent(
    event: {
      readonly type: string;
      readonly fields: Readonly<Record<string, unknown>>;
    },
  ): void;
  /** Stores a state. */
  storeState(state: string, meta: unknown): Promise<void>;
  /** How often it may be retried; `null` is without end. */
  readonly maxRetries: number | null;
  /** The delay of a retry that names none, in ms. */
  readonly defaultRetryDelay: number;
  /** The time (epoch ms). */
  now(): number;
}

/** What `self.retry()` takes. */
export interface RetryOptions extends RetryChanges {
  /** The error that led to it: the task's, if no retries are left. */
  readonly exc?: unknown;
  /** Run again after this time. */
  readonly countdown?: Duration | undefined;
  /** Run again at this time. */
  readonly eta?: Instant | undefined;
  /** Overrides the task's own. */
  readonly maxRetries?: number | null | undefined;
}

/** The context of one run of a task. */
export class TaskContext {
  /** The call that it runs for. */
  readonly request: TaskRequest;
  readonly #surroundings: ContextSurroundings;
  // Made when the signal is asked for: most tasks never do.
  #controller: AbortController | null = null;
  #interrupted: InterruptReason | null = null;
  #log: TaskLogger | null = null;

  /** Made by whoever runs the task. */
  constructor(request: TaskRequest, surroundings: ContextSurroundings) {
    this.request = request;
    this.#surroundings = surroundings;
  }

  /** The context of a task whose function is called directly. */
  static direct(task: string, args: readonly unknown[]): TaskContext {
    return new TaskContext(directRequest(task, args), DIRECT_SURROUNDINGS);
  }

  /** The task's name. */
  get name(): string {
    return this.request.task;
  }

  /**
   * Aborts when the task is to end: its soft time limit is over
   * (`SoftTimeLimitExceeded`), it was revoked (`TaskRevokedError`) or, on the
   * worker's own event loop, it is given back at a cold stop
   * (`WorkerShutdown`); in an isolate it is then ended by force.
   */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#interrupted !== null) this.#abort(this.#interrupted);
    }
    return this.#controller.signal;
  }

  /** A logger whose lines bear the task's name and id. */
  get log(): TaskLogger {
    this.#log ??= getLogger(["lovage", "task", this.request.task]).with({
      taskId: this.request.id,
      task: this.request.task,
    });
    return this.#log;
  }

  /**
   * Throws if the task is to end, as `signal` does, but in the midst of
   * synchronous work too: call it in loops that do not await.
   *
   * @throws {SoftTimeLimitExceeded} when the soft time limit is over
   * @throws {TaskRevokedError} when the task was revoked
   * @throws {WorkerShutdown} on the worker's own event loop, at a cold stop
   */
  checkpoint(): void {
    const reason = this.#surroundings.interrupted();
    if (reason !== null) this.interrupt(reason);
    if (this.#interrupted !== null) {
      throw interruptError(this.request, this.#interrupted);
    }
  }

  /** Aborts the signal. Called by whoever runs the task. */
  interrupt(reason: InterruptReason): void {
    if (this.#interrupted !== null) return;
    this.#interrupted = reason;
    this.#abort(reason);
  }

  #abort(reason: InterruptReason): void {
    this.#controller?.abort(interruptError(this.request, reason));
  }

  /**
   * Runs the task again later, with the same id. It never returns.
   *
   * @throws {Retry} always, unless no retries are left
   * @throws `exc` when no retries are left and it was given
   * @throws {MaxRetriesExceededError} when none are left and it was not
   * @throws {EncodeError} for arguments or headers that cannot be sent
   * @throws {ConfigError} for options that will not do
   */
  retry(options: RetryOptions = {}): never {
    const { request } = this;
    checkOptions(`retry() of task "${request.task}"`, options, RETRY_CHECKS);
    const { exc, countdown, eta, maxRetries, ...changes } = options;
    if (request.calledDirectly) {
      throw exc ??
        new ConfigError(
          `retry() of task "${request.task}" was called outside a worker`,
        );
    }
    if (countdown !== undefined && eta !== undefined) {
      throw new ConfigError(
        `Give retry() of task "${request.task}" either countdown or eta, not both`,
      );
    }
    const max = maxRetries === undefined
      ? this.#surroundings.maxRetries
      : maxRetries;
    if (max !== null && request.retries >= max) {
      throw exc ?? new MaxRetriesExceededError(
        `Task "${request.task}" (${request.id}) was retried ${
          count(request.retries, "time")
        } and has no retries left`,
      );
    }
    // What cannot be sent is refused here, where it was written.
    if (changes.args !== undefined) encodeArgs(changes.args);
    if (changes.headers !== undefined) assertPlain(changes.headers, "headers");
    const delay = countdown === undefined
      ? this.#surroundings.defaultRetryDelay
      : parseDuration(countdown, "countdown of retry()");
    const at = eta === undefined
      ? this.#surroundings.now() + delay
      : parseInstant(eta, "eta of retry()");
    throw new Retry(`Task "${request.task}" is to run again`, at, changes, {
      cause: exc,
    });
  }

  /**
   * Puts a signature or a canvas in the place of this task: what comes of it
   * is the result of this task, under its id, and whatever follows from this
   * task follows from that. It never returns; its type is that of the result,
   * so that the task has it: `return self.replace(add.s(1, 2))`.
   *
   * @throws {Replace} always
   * @throws {ConfigError} for what is no signature or canvas, or outside a
   * worker
   */
  replace<R>(part: Part<[], R>): R {
    const { request } = this;
    if (request.calledDirectly) {
      throw new ConfigError(
        `replace() of task "${request.task}" was called outside a worker`,
      );
    }
    const canvas = canvasOf(`replace() of task "${request.task}"`, part);
    throw new Replace(`Task "${request.task}" is replaced`, canvas);
  }

  /**
   * Adds a signature or a canvas to the header of the chord that this task is
   * a member of. It is sent when this task succeeds; the chord's body waits
   * for it too, and takes its result after those of the other members.
   *
   * @throws {ConfigError} for what is no signature or canvas, or when no body
   * of a chord waits for this task
   */
  addToChord(part: Part<[], unknown>): void {
    const what = `addToChord() of task "${this.request.task}"`;
    if (!this.request.chord) {
      throw new ConfigError(
        `${what} was called where no body of a chord waits for the task: call it in a member of a chord's header, the last one if that is a chain`,
      );
    }
    this.#surroundings.addToChord(canvasOf(what, part));
  }

  /** Stores a state of your own, such as `PROGRESS`, with metadata. */
  updateState(state: string, meta?: unknown): Promise<void> {
    if (typeof state !== "string" || state === "" || FINAL.has(state)) {
      throw new ConfigError(
        `updateState() takes a state of your own, such as "PROGRESS", but was given ${
          JSON.stringify(state)
        }`,
      );
    }
    return this.#surroundings.storeState(state, meta);
  }

  /**
   * Tells those who watch (`app.events`, `lovage events`) something of your
   * own, such as `task-progress`; it bears the id and name of the task. As all
   * events it is told only while somebody watches, and best effort: what must
   * be known later is a state (`updateState()`). Outside of a worker, and of
   * tasks too many to be told of, nothing is told.
   *
   * @param type what happened: letters, digits and `-`; not one of Lovage's own
   * @param fields what there is to say of it: plain JSON, 10,000 characters
   * @throws {ConfigError} for a type or fields that will not do
   * @throws {EncodeError} for fields that are not plain JSON
   */
  sendEvent(
    type: string,
    fields: Readonly<Record<string, unknown>> = {},
  ): void {
    checkCustomEvent(this.request.task, type, fields);
    this.#surroundings.sendEvent({ type, fields });
  }
}

function canvasOf(what: string, part: Part<[], unknown>): CanvasJson {
  try {
    const json = part.toJSON();
    checkCanvasJson(json);
    return json;
  } catch (cause) {
    if (cause instanceof EncodeError) throw cause;
    throw new ConfigError(
      `${what} takes a signature, such as add.s(1, 2), or a canvas, but was given ${
        show(part)
      }`,
      { cause },
    );
  }
}

const RETRY_CHECKS = {
  exc: () => null,
  countdown: isDuration,
  eta: isInstant,
  maxRetries: orNull(isInteger(0)),
  args: (value: unknown) => Array.isArray(value) ? null : "an array",
  queue: isName,
  priority: isInteger(0, 9),
  headers: isObject,
};

const FINAL: ReadonlySet<string> = new Set(["SUCCESS", "FAILURE", "REVOKED"]);

const DIRECT_SURROUNDINGS: ContextSurroundings = {
  interrupted: () => null,
  addToChord: () => {},
  sendEvent: () => {},
  storeState: () => Promise.resolve(),
  maxRetries: 0,
  defaultRetryDelay: 0,
  now: () => Date.now(),
};
