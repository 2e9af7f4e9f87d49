/**
 * The terminal that a command writes to.
 *
 * @module
 */

/** Whether a person looks at what is written to stdout. */
export function isTerminal(): boolean {
  return Deno.stdout.isTerminal();
}

/** How much fits on the terminal. */
export function terminalSize(): { columns: number; rows: number } {
  try {
    return Deno.consoleSize();
  } catch {
    return { columns: 80, rows: 24 };
  }
}

/**
 * Writes text to stdout as it is.
 *
 * @returns whether anybody still reads it: `… | head` does not
 */
export function writeOut(text: string): boolean {
  let rest = new TextEncoder().encode(text);
  try {
    while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return false;
    throw error;
  }
}
