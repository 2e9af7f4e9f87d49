/**
 * Every error that Lovage throws on purpose. Each class has a `name` that is
 * its own and survives the journey from a worker to the caller.
 *
 * @module
 */

/** The base of Lovage's errors. */
export class LovageError extends Error {
  /** The name of the class. */
  override readonly name: string = "LovageError";
}

/** A setting is unknown, has the wrong type or contradicts another. */
export class ConfigError extends LovageError {
  /** The name of the class. */
  override readonly name: string = "ConfigError";
}

/** What {@linkcode ScheduleError} takes. */
export interface ScheduleErrorOptions extends ErrorOptions {
  /** Where in the text the mistake is, counted from 1. */
  readonly position?: number | undefined;
}

/** A schedule cannot be read, or would never come. */
export class ScheduleError extends ConfigError {
  /** The name of the class. */
  override readonly name: string = "ScheduleError";
  /** Where in the text the mistake is, counted from 1, if it is in one. */
  readonly position: number | undefined;

  /** Says what is wrong, and where. */
  constructor(message: string, options: ScheduleErrorOptions = {}) {
    super(message, options);
    this.position = options.position;
  }
}

/** What {@linkcode StoreError} takes. */
export interface StoreErrorOptions extends ErrorOptions {
  /**
   * Whether the same call may succeed later: the store is away or busy, not
   * misused.
   *
   * @default {true}
   */
  readonly transient?: boolean | undefined;
  /**
   * Whether the call may have been carried out although its answer is missing:
   * to make it again could do it twice.
   *
   * @default {false}
   */
  readonly inDoubt?: boolean | undefined;
}

/** A store could not be opened or answered with an error. */
export class StoreError extends LovageError {
  /** The name of the class. */
  override readonly name: string = "StoreError";
  /** Whether the same call may succeed later. */
  readonly transient: boolean;
  /** Whether the call may have been carried out all the same. */
  readonly inDoubt: boolean;

  /** Says what happened and what to do. */
  constructor(message: string, options: StoreErrorOptions = {}) {
    super(message, options);
    this.transient = options.transient ?? true;
    this.inDoubt = options.inDoubt ?? false;
  }
}

/** A value cannot be sent: JSON has no way to carry it unchanged. */
export class EncodeError extends LovageError {
  /** The name of the class. */
  override readonly name: string = "EncodeError";
}

/** A message cannot be read. */
export class DecodeError extends LovageError {
  /** The name of the class. */
  override readonly name: string = "DecodeError";
}

/** Arguments or a result do not fit the task's schema. */
export class ValidationError extends LovageError {
  /** The name of the class. */
  override readonly name: string = "ValidationError";
}

/** No task of this name is registered. */
export class NotRegisteredError extends LovageError {
  /** The name of the class. */
  override readonly name: string = "NotRegisteredError";
}

/** The time given to wait for a result is over; the task goes on. */
export class TimeoutError extends LovageError {
  /** The name of the class. */
  override readonly name: string = "TimeoutError";
}

/** The task was revoked. */
export class TaskRevokedError extends LovageError {
  /** The name of the class. */
  override readonly name: string = "TaskRevokedError";
}

/** The task was not to be retried any more and had no error of its own. */
export class MaxRetriesExceededError extends LovageError {
  /** The name of the class. */
  override readonly name: string = "MaxRetriesExceededError";
}

/** The soft time limit is over: a task may clean up and end by itself. */
export class SoftTimeLimitExceeded extends LovageError {
  /** The name of the class. */
  override readonly name: string = "SoftTimeLimitExceeded";
}

/** The hard time limit was over: the task was ended by force. */
export class TimeLimitExceeded extends LovageError {
  /** The name of the class. */
  override readonly name: string = "TimeLimitExceeded";
}

/** The task held more memory than it may: it was ended by force. */
export class MemoryLimitExceeded extends LovageError {
  /** The name of the class. */
  override readonly name: string = "MemoryLimitExceeded";
}

/** The process that ran the task died under it. */
export class WorkerLostError extends LovageError {
  /** The name of the class. */
  override readonly name: string = "WorkerLostError";
}

/** The worker stops: a task may end early, it will run again elsewhere. */
export class WorkerShutdown extends LovageError {
  /** The name of the class. */
  override readonly name: string = "WorkerShutdown";
}

/**
 * Thrown by a task that wants no state to be stored: the message is
 * acknowledged and nothing is said of its end.
 */
export class Ignore extends LovageError {
  /** The name of the class. */
  override readonly name: string = "Ignore";
}

/** What {@linkcode Reject} takes. */
export interface RejectOptions {
  /**
   * Whether the message goes back to its queue; otherwise it goes to the dead
   * letters.
   *
   * @default {false}
   */
  readonly requeue?: boolean | undefined;
}

/** Thrown by a task that refuses its message. */
export class Reject extends LovageError {
  /** The name of the class. */
  override readonly name: string = "Reject";
  /** Whether the message goes back to its queue. */
  readonly requeue: boolean;

  /** Refuses the message, with a reason for people. */
  constructor(
    reason: string = "Rejected by the task",
    options?: RejectOptions,
  ) {
    super(reason);
    this.requeue = options?.requeue ?? false;
  }
}

/** Thrown by `self.retry()`: the task is to run again at a later time. */
export class Retry extends LovageError {
  /** The name of the class. */
  override readonly name: string = "Retry";
  /** When it is to run again (epoch ms). */
  readonly eta: number;
  /** What is to change in the next run. */
  readonly changes: RetryChanges;

  /** Asks for a retry; the `cause` is the error that led to it. */
  constructor(
    message: string,
    eta: number,
    changes: RetryChanges = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.eta = eta;
    this.changes = changes;
  }
}

/** What a retry may change in a task. */
export interface RetryChanges {
  /** Other positional arguments. */
  readonly args?: readonly unknown[] | undefined;
  /** Another queue. */
  readonly queue?: string | undefined;
  /** Another priority, 0 (first) to 9. */
  readonly priority?: number | undefined;
  /** Other headers, beside those that it has. */
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
}

/** Thrown by `self.replace()`: a canvas takes the place of the task. */
export class Replace extends LovageError {
  /** The name of the class. */
  override readonly name: string = "Replace";
  /** The canvas: a `CanvasJson`. */
  readonly canvas: unknown;

  /** Asks for a canvas in place of the task. */
  constructor(message: string, canvas: unknown) {
    super(message);
    this.canvas = canvas;
  }
}

/** A task before it, whose result it was to take, has failed. */
export class UpstreamFailedError extends LovageError {
  /** The name of the class. */
  override readonly name: string = "UpstreamFailedError";
}

/** A member of a chord's header has failed, so that its body cannot run. */
export class ChordError extends LovageError {
  /** The name of the class. */
  override readonly name: string = "ChordError";
}

/** An error of a class that this process does not know. */
export class RemoteError extends LovageError {
  /** The name of the class where it was thrown. */
  override readonly name: string;

  /** Makes an error that bears the remote class's name. */
  constructor(message: string, options?: ErrorOptions, name = "RemoteError") {
    super(message, options);
    this.name = name;
  }
}

/** Makes an error from its message. */
export type ErrorClass = new (message: string) => Error;

/** The classes that come back from a worker as themselves, by name. */
export const ERROR_CLASSES: Readonly<Record<string, ErrorClass>> = {
  LovageError,
  ConfigError,
  ScheduleError,
  StoreError,
  EncodeError,
  DecodeError,
  ValidationError,
  NotRegisteredError,
  TimeoutError,
  TaskRevokedError,
  MaxRetriesExceededError,
  SoftTimeLimitExceeded,
  TimeLimitExceeded,
  MemoryLimitExceeded,
  WorkerLostError,
  WorkerShutdown,
  UpstreamFailedError,
  ChordError,
  Ignore,
  Reject,
};
