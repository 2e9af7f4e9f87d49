/**
 * Timers whose errors can be traced to who set them.
 *
 * @module
 */

import process from "node:process";

type Timer = (callback: unknown, ...rest: unknown[]) => unknown;

const TIMERS = ["setTimeout", "setInterval", "setImmediate"];

/**
 * Has what a timer's callback throws reported from within the callback. The
 * runtime reports it only after it has left the async context in which the
 * timer was set; everything else is reported inside its own.
 */
export function reportTimersInContext(): void {
  const scope = globalThis as unknown as Record<string, Timer | undefined>;
  for (const name of TIMERS) {
    const timer = scope[name];
    if (timer === undefined) continue;
    // A proxy keeps what belongs to the function, such as its promisified form.
    scope[name] = new Proxy(timer, {
      apply: (target, self, [callback, ...rest]) =>
        Reflect.apply(target, self, [reporting(callback), ...rest]),
    });
  }
}

/** A callback that reports what it throws; what is no function stays itself. */
function reporting(callback: unknown): unknown {
  if (typeof callback !== "function") return callback;
  return function (this: unknown, ...args: unknown[]): void {
    try {
      Reflect.apply(callback, this, args);
    } catch (error) {
      report(error);
    }
  };
}

function report(error: unknown): void {
  if ("reportError" in globalThis) return reportError(error);
  // Node has none; this is what it does itself with what nobody catches.
  const isHeard = process.emit("uncaughtException", error as Error);
  if (!isHeard) throw error;
}
