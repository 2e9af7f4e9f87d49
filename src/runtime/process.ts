/**
 * This process as a command line sees it.
 *
 * @module
 */

import { readSync, realpathSync, writeSync } from "node:fs";
import process from "node:process";
import { isatty } from "node:tty";
import { pathToFileURL } from "node:url";
import { inspect as inspectNode } from "node:util";

/** Whether this is Deno, and not Node or Bun. */
export function isDeno(): boolean {
  return "Deno" in globalThis;
}

/** Whether this is Bun. */
export function isBun(): boolean {
  return "Bun" in globalThis;
}

/** Whether a module is what was started, and not one that it imports. */
export function isProgram(
  { main, url }: { readonly main?: boolean; readonly url: string },
): boolean {
  // Node says so since version 24.
  if (main !== undefined) return main;
  const [, started] = process.argv;
  return started !== undefined &&
    pathToFileURL(realpathSync(started)).href === url;
}

/** The words after the program's name. */
export function programArgs(): readonly string[] {
  return process.argv.slice(2);
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

/** Whether all environment variables may be read, without asking anybody. */
export function mayReadEnvironment(): boolean {
  if (!isDeno()) return true;
  const { state, partial } = Deno.permissions.querySync({ name: "env" });
  return state === "granted" && partial !== true;
}

/** Whether Deno exports what is traced and measured in this process. */
export function exportsTelemetry(): boolean {
  return environment("OTEL_DENO") === "true";
}

/**
 * Goes to another directory.
 *
 * @returns whether there is one
 */
export function changeDirectory(path: string): boolean {
  try {
    process.chdir(path);
    return true;
  } catch {
    return false;
  }
}

/** Whether a person can be asked. */
export function isInteractive(): boolean {
  return isatty(0) && isatty(1);
}

/** Asks a person; the answer is no unless it is yes. */
export function ask(question: string): boolean {
  // Node has no confirm().
  if ("confirm" in globalThis) return confirm(question);
  writeSync(1, `${question} [y/N] `);
  const line = new Uint8Array(256);
  const length = readSync(0, line);
  return /^y(es)?\s*$/i.test(new TextDecoder().decode(line.slice(0, length)));
}

/** Whether colours are of use on a stream. */
export function colorsWanted(stream: "stdout" | "stderr"): boolean {
  const isBare = isDeno()
    ? Deno.noColor
    : environment("NO_COLOR") !== undefined;
  return isatty(stream === "stdout" ? 1 : 2) && !isBare;
}

/** A value as text, as the runtime's console shows it. */
export function inspect(value: unknown): string {
  return isDeno()
    ? Deno.inspect(value, { depth: 8, strAbbreviateSize: 10_000 })
    : inspectNode(value, { depth: 8, maxStringLength: 10_000 });
}

/** Ends this process at once. */
export function exitNow(code: number): never {
  process.exit(code);
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
