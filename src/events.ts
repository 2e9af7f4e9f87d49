/**
 * What an app tells those who listen: Celery's signals, typed, and the
 * middleware around publishing and running.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { TaskContext } from "./context.ts";
import type { Envelope } from "./message/envelope.ts";
import type { Message } from "./contracts/broker.ts";
import { type Check, checkOptions, isFunction } from "./options.ts";

/** A task that an event is about. */
export interface TaskEvent {
  /** The task id. */
  readonly taskId: string;
  /** The task's name. */
  readonly task: string;
}

/** Every event, by name, with what listeners get. */
export interface AppEvents {
  /** A message is about to be published. */
  beforeTaskPublish: TaskEvent & { readonly message: Message };
  /** A message was accepted by the broker. */
  afterTaskPublish: TaskEvent & { readonly message: Message };
  /** A worker took a task from its queue. */
  taskReceived: TaskEvent & { readonly queue: string };
  /** A task is about to run. */
  taskPrerun: TaskEvent & { readonly args: readonly unknown[] };
  /** A task has run, whatever came of it. */
  taskPostrun: TaskEvent & {
    readonly args: readonly unknown[];
    readonly state: string;
    readonly result: unknown;
  };
  /** A task returned. */
  taskSuccess: TaskEvent & { readonly result: unknown };
  /** A task is to run again. */
  taskRetry: TaskEvent & { readonly reason: unknown; readonly eta: number };
  /** A task failed. */
  taskFailure: TaskEvent & { readonly error: unknown };
  /** A task was revoked, or came after its expiry. */
  taskRevoked: TaskEvent & {
    readonly terminated: boolean;
    readonly expired: boolean;
  };
  /** A message names a task that this worker does not know. */
  taskUnknown: TaskEvent & { readonly queue: string };
  /** A message cannot be read, or its task refused it. */
  taskRejected: TaskEvent & { readonly reason: string };
  /** A worker is being set up. */
  workerInit: WorkerEvent;
  /** A worker takes tasks from now on. */
  workerReady: WorkerEvent;
  /** A worker was asked to stop. */
  workerShuttingDown: WorkerEvent & { readonly how: "warm" | "cold" };
  /** A worker has stopped. */
  workerShutdown: WorkerEvent;
  /** An isolate has loaded the app and is about to run its first task. */
  workerProcessInit: { readonly hostname: string };
  /** An isolate is about to end in peace. */
  workerProcessShutdown: { readonly hostname: string };
}

/** The events that workers tell those who watch; others are users' own. */
export const OWN_EVENTS: ReadonlySet<string> = new Set([
  ...["task-sent", "task-received", "task-started", "task-succeeded"],
  ...["task-failed", "task-rejected", "task-revoked", "task-retried"],
  ...["worker-online", "worker-heartbeat", "worker-offline"],
]);

/** A worker that an event is about. */
export interface WorkerEvent {
  /** The node name of the worker. */
  readonly hostname: string;
}

/** The name of an event. */
export type EventName = keyof AppEvents;

/**
 * Called with what happened. An error that it throws is logged, not raised.
 * What it returns is waited for at the end of a worker and of its processes,
 * for a moment: for what must be written or sent before.
 */
export type EventListener<Name extends EventName> = (
  event: AppEvents[Name],
) => unknown;

/** Wraps publishing and running, the first given outermost. */
export interface Middleware {
  /**
   * Wraps the publishing of each task: may change the envelope, call `next`
   * or throw.
   */
  readonly publish?:
    | ((
      envelope: Envelope,
      next: (envelope: Envelope) => Promise<void>,
    ) => Promise<void>)
    | undefined;
  /** Wraps each run of a task: may look at the context, call `next` or throw. */
  readonly run?:
    | ((context: TaskContext, next: () => Promise<unknown>) => Promise<unknown>)
    | undefined;
}

/** Holds the listeners of an app. */
export class Hooks {
  readonly #listeners = new Map<EventName, Set<EventListener<never>>>();

  /** Adds a listener; returns a function that removes it. */
  on<Name extends EventName>(
    name: Name,
    listener: EventListener<Name>,
  ): () => void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set.add(listener as EventListener<never>));
    return () => set.delete(listener as EventListener<never>);
  }

  /** Whether nobody listens to anything. */
  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  /** Whether somebody listens: events nobody listens to cost nothing. */
  has(name: EventName): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }

  /** Tells the listeners. */
  emit<Name extends EventName>(name: Name, event: AppEvents[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        const done = (listener as EventListener<Name>)(event);
        // Also those that are asynchronous; nobody waits for them.
        if (done instanceof Promise) done.catch((error) => thrown(name, error));
      } catch (error) {
        thrown(name, error);
      }
    }
  }

  /** Tells the listeners, and waits for those that are asynchronous. */
  async tell<Name extends EventName>(
    name: Name,
    event: AppEvents[Name],
  ): Promise<void> {
    const listeners = [...this.#listeners.get(name) ?? []];
    await Promise.all(listeners.map(async (listener) => {
      try {
        await (listener as EventListener<Name>)(event);
      } catch (error) {
        thrown(name, error);
      }
    }));
  }
}

function thrown(name: EventName, error: unknown): void {
  getLogger(["lovage", "events"]).error(
    `A listener of ${name} threw: {error}`,
    {
      error,
    },
  );
}

const EVENTS: Readonly<Record<EventName, true>> = {
  beforeTaskPublish: true,
  afterTaskPublish: true,
  taskReceived: true,
  taskPrerun: true,
  taskPostrun: true,
  taskSuccess: true,
  taskRetry: true,
  taskFailure: true,
  taskRevoked: true,
  taskUnknown: true,
  taskRejected: true,
  workerInit: true,
  workerReady: true,
  workerShuttingDown: true,
  workerShutdown: true,
  workerProcessInit: true,
  workerProcessShutdown: true,
};

/**
 * Refuses the name of an event that there is not.
 *
 * @throws {ConfigError} naming the event that was meant
 */
export function checkEventName(name: EventName): void {
  checkOptions("the events", { [name]: true }, EVENT_CHECKS);
}

/**
 * Refuses what is no middleware.
 *
 * @throws {ConfigError} naming the member and what was wanted
 */
export function checkMiddleware(middleware: Middleware): void {
  checkOptions("the middleware", middleware, {
    publish: isFunction,
    run: isFunction,
  });
}

const EVENT_CHECKS: Readonly<Record<string, Check>> = Object.fromEntries(
  Object.keys(EVENTS).map((name) => [name, () => null]),
);
