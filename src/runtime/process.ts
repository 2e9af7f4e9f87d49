/**
 * This process as a command line sees it.
 *
 * @module
 */

import process from "node:process";

/** Whether this is Deno, and not Node or Bun. */
export function isDeno(): boolean {
  return "Deno" in globalThis;
}

/** An environment variable; `undefined` where it is not set or not allowed. */
export function environment(name: string): string | undefined {
  try {
    return process.env[name] || undefined;
  } catch {
    // Without --allow-env there is none.
    return undefined;
  }
}

/** Whether Deno exports what is traced and measured in this process. */
export function exportsTelemetry(): boolean {
  return /^(1|true)$/.test(environment("OTEL_DENO") ?? "");
}

/**
 * Goes to another directory.
 *
 * @returns whether there is one
 */
export function changeDirectory(path: string): boolean {
  try {
    Deno.chdir(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether a person can be asked. */
export function isInteractive(): boolean {
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
}

/** Asks a person; the answer is no unless it is yes. */
export function ask(question: string): boolean {
  return confirm(question);
}

/** Whether colours are of use on a stream. */
export function colorsWanted(stream: "stdout" | "stderr"): boolean {
  return Deno[stream].isTerminal() && !Deno.noColor;
}

/** A value as text, as the runtime's console shows it. */
export function inspect(value: unknown): string {
  return Deno.inspect(value, { depth: 8, strAbbreviateSize: 10_000 });
}

/** Ends this process at once. */
export function exitNow(code: number): never {
  Deno.exit(code);
}

/**
 * Keeps this process alive, which a pending promise alone does not.
 *
 * @returns a function that ends this
 */
export function stayAlive(): () => void {
  const timer = setInterval(() => {}, 2 ** 30);
  return () => clearInterval(timer);
}
