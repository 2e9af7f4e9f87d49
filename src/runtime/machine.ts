/**
 * What this process and its machine are.
 *
 * @module
 */

import { hostname } from "node:os";
import process from "node:process";

/** The machine's name and cores. */
export function machineFacts(): { hostname: string; cores: number } {
  return { hostname: hostname(), cores: navigator.hardwareConcurrency };
}

/** The id of this process. */
export function pid(): number {
  return process.pid;
}
