/**
 * The terminal that a command writes to.
 *
 * @module
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { isatty } from "node:tty";

/** Whether a person looks at what is written to stdout. */
export function isTerminal(): boolean {
  return isatty(1);
}

/** How much fits on the terminal. */
export function terminalSize(): { columns: number; rows: number } {
  const { columns = 80, rows = 24 } = process.stdout;
  return { columns, rows };
}

/** A pipe that is full is tried again after this (ms). */
const FULL_PIPE = 5;

/**
 * Writes text to stdout as it is.
 *
 * @returns whether anybody still reads it: `… | head` does not
 */
export function writeOut(text: string): boolean {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (code === "EPIPE") return false;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE);
    }
  }
  return true;
}
