/**
 * The flags with which hosts are started, and how much memory they may hold.
 *
 * @module
 */

import { availableMemory } from "../../runtime/memory.ts";
import { isDeno } from "../../runtime/process.ts";

const LEAST_MEMORY = 256 * 2 ** 20;
const MOST_MEMORY = 4 * 2 ** 30;

/** How much memory each of so many hosts may hold, in bytes. */
export function memoryShare(hosts: number): number {
  const share = Math.floor(availableMemory() * 0.75 / hosts);
  return Math.min(Math.max(share, LEAST_MEMORY), MOST_MEMORY);
}

/**
 * Adds to inherited flags what every host needs: a cap on its heaps and, so
 * that permissions can be narrowed, the unstable options of Web Workers.
 */
export function hostFlags(
  inherited: readonly string[],
  memoryLimit: number,
): string[] {
  const megabytes = Math.max(Math.floor(memoryLimit / 2 ** 20), 16);
  if (!isDeno()) return [...inherited, `--max-old-space-size=${megabytes}`];
  return [
    ...inherited,
    "--unstable-worker-options",
    `--v8-flags=--max-old-space-size=${megabytes}`,
  ];
}
