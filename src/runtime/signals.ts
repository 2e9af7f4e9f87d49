/**
 * Signals that ask this process to stop.
 *
 * @module
 */

import process from "node:process";

/** A signal that asks a process to stop, without its prefix. */
export type StopSignal = "TERM" | "INT" | "QUIT" | "HUP";

/** What a shell adds 128 to when a process ends by a signal. */
export const SIGNAL_NUMBERS: Readonly<Record<StopSignal, number>> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  TERM: 15,
};

const SIGNALS: readonly StopSignal[] = process.platform === "win32"
  // Others do not exist there.
  ? ["INT"]
  : ["TERM", "INT", "QUIT", "HUP"];

/**
 * Calls back at each signal, which then no longer ends the process.
 *
 * @returns a function that restores the default
 */
export function onStopSignal(
  callback: (signal: StopSignal) => void,
): () => void {
  const listeners = SIGNALS.map((signal) => {
    const name = `SIG${signal}` as const;
    const listener = () => callback(signal);
    process.on(name, listener);
    return () => process.off(name, listener);
  });
  return () => listeners.forEach((remove) => remove());
}
