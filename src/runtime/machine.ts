/**
 * What this process and its machine are.
 *
 * @module
 */

import { arch, hostname, loadavg, platform, release } from "node:os";
import process from "node:process";

/** The machine's name, `localhost` where it is secret, and its cores. */
export function machineFacts(): { hostname: string; cores: number } {
  return {
    hostname: orSecret(hostname, "localhost"),
    cores: navigator.hardwareConcurrency,
  };
}

/** The id of this process. */
export function pid(): number {
  return process.pid;
}

/** The load of the machine over 1, 5 and 15 minutes; none where it is secret. */
export function loadAverage(): readonly number[] {
  return orSecret(loadavg, []);
}

/** The runtime and the system, with their versions. */
export function platformFacts(): Readonly<Record<string, string>> {
  const { deno, bun, node, v8 } = process.versions;
  return {
    runtime: deno !== undefined
      ? `Deno ${deno}`
      : bun !== undefined
      ? `Bun ${bun}`
      : `Node ${node}`,
    v8: String(v8),
    system: `${platform()} ${orSecret(release, "")} ${arch()}`
      .replace("  ", " "),
  };
}

/** What the machine says of itself, or this without `--allow-sys`. */
function orSecret<T>(ask: () => T, instead: T): T {
  try {
    return ask();
  } catch {
    return instead;
  }
}
