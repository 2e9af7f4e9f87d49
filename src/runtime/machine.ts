/**
 * What this process and its machine are.
 *
 * @module
 */

import { arch, hostname, platform, release } from "node:os";
import process from "node:process";

/** The machine's name and cores. */
export function machineFacts(): { hostname: string; cores: number } {
  return { hostname: hostname(), cores: navigator.hardwareConcurrency };
}

/** The id of this process. */
export function pid(): number {
  return process.pid;
}

/** The runtime and the system, with their versions. */
export function platformFacts(): Readonly<Record<string, string>> {
  const { deno, node, v8 } = process.versions;
  return {
    runtime: deno === undefined ? `Node ${node}` : `Deno ${deno}`,
    v8: String(v8),
    system: `${platform()} ${release()} ${arch()}`,
  };
}
