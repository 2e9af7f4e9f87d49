/**
 * Threads that run an isolate: Web Workers, or what Node has in their place.
 *
 * @module
 */

import { createRequire } from "node:module";
import process from "node:process";
import { isDeno } from "./process.ts";

/** A thread, as seen by who started it. */
export interface IsolateThread {
  /** Posts a message to it. */
  post(message: unknown): void;
  /** Ends it; a busy loop goes on until the process ends. */
  terminate(): void;
}

/** How to start a thread. */
export interface ThreadOptions {
  /** Its name, for those who debug. */
  readonly name: string;
  /** Its permissions as a Web Worker takes them; `null` is those of the process. */
  readonly permissions: string | null;
  /** Called with each message that it posts. */
  readonly onMessage: (message: string) => void;
  /** Called when it has died of an error. */
  readonly onError: (message: string) => void;
}

/** What an isolate uses of the scope of its thread. */
export interface ThreadScope {
  /** Posts a message to who started the thread. */
  post(message: string): void;
  /** Calls back with each message from there. */
  listen(listener: (message: unknown) => void): void;
}

type NodeThreads = typeof import("node:worker_threads");

/**
 * Starts a thread.
 *
 * @throws {TypeError} for permissions that make no sense, or where there are
 * none to narrow
 */
export function startThread(
  module: URL,
  options: ThreadOptions,
): IsolateThread {
  return isDeno() ? webWorker(module, options) : nodeThread(module, options);
}

function webWorker(
  module: URL,
  { name, permissions, onMessage, onError }: ThreadOptions,
): IsolateThread {
  const worker = new Worker(module, {
    type: "module",
    name,
    // The option may only be named when it is used: it needs a flag.
    ...(permissions === null
      ? {}
      : { deno: { permissions: JSON.parse(permissions) } }),
  });
  worker.addEventListener("message", ({ data }) => onMessage(data));
  worker.addEventListener("error", (event) => {
    // Unhandled, it would end the host.
    event.preventDefault();
    onError(event.message);
  });
  return {
    post: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
  };
}

function nodeThread(
  module: URL,
  { name, permissions, onMessage, onError }: ThreadOptions,
): IsolateThread {
  if (permissions !== null) {
    throw new TypeError(
      "Node has no permissions that a task could be narrowed to: leave out `permissions`, or run the worker on Deno",
    );
  }
  const { Worker } = nodeThreads();
  const worker = new Worker(module, { name });
  worker.on("message", onMessage);
  worker.on("error", (error: Error) => onError(error.message));
  return {
    post: (message) => worker.postMessage(message),
    terminate: () => void worker.terminate(),
  };
}

/** The scope of the thread that this is. */
export function threadScope(): ThreadScope {
  if (!isDeno()) {
    const { parentPort } = nodeThreads();
    if (parentPort === null) throw new TypeError("This is no thread");
    return {
      post: (message) => parentPort.postMessage(message),
      listen: (listener) => void parentPort.on("message", listener),
    };
  }
  const scope = globalThis as unknown as EventTarget & {
    postMessage(message: string): void;
  };
  // Kept, because the application may replace what is global.
  const post = scope.postMessage.bind(scope);
  return {
    post,
    listen: (listener) =>
      scope.addEventListener(
        "message",
        (event) => listener((event as MessageEvent<unknown>).data),
      ),
  };
}

/**
 * Calls back with every error that nobody catches in this thread, in place of
 * its death.
 */
export function onStrayErrors(listener: (error: unknown) => void): void {
  if (!isDeno()) {
    process.on("uncaughtException", listener);
    process.on("unhandledRejection", listener);
    return;
  }
  const scope = globalThis as unknown as EventTarget;
  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    listener((event as PromiseRejectionEvent).reason);
  });
  scope.addEventListener("error", (event) => {
    event.preventDefault();
    const { error, message } = event as ErrorEvent;
    listener(error ?? new Error(message));
  });
}

// Not imported: threads of its own kind are none of Deno's.
function nodeThreads(): NodeThreads {
  return createRequire(import.meta.url)("node:worker_threads") as NodeThreads;
}
