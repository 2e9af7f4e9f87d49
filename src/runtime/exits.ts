/**
 * Catches what would end a Web Worker without anybody being told.
 *
 * @module
 */

import process from "node:process";
import { isDeno } from "./process.ts";

/** The parts of `process` that end it. `reallyExit` is what the others call. */
interface Exits {
  exit(code?: number): never;
  reallyExit(code?: number): never;
}

/**
 * Replaces everything by which code can end its isolate.
 *
 * @param report told of the call, such as `Deno.exit(3)`
 */
export function catchExits(report: (call: string) => void): void {
  const caught = (name: string) => (code?: number): never => {
    report(`${name}(${code ?? ""})`);
    return halt();
  };
  const node = process as unknown as Exits;
  node.exit = caught("process.exit");
  // Also what the named import `exit` of `node:process` ends up in.
  node.reallyExit = caught("process.exit");
  Object.assign(globalThis, { close: caught("close") });
  if (isDeno()) Deno.exit = caught("Deno.exit");
}

/** The caller must never go on: sleeps until the isolate is ended. */
function halt(): never {
  const never = new Int32Array(new SharedArrayBuffer(4));
  while (true) Atomics.wait(never, 0, 0);
}
