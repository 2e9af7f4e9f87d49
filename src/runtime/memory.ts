/**
 * How much memory there is, and how much this process holds.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import process from "node:process";

/**
 * The memory of the machine or of its container, in bytes; infinite when
 * neither may be asked.
 */
export function availableMemory(): number {
  return Math.min(machineMemory(), containerLimit());
}

/** The memory that this process holds, in bytes. */
export function residentMemory(): number {
  return process.memoryUsage.rss();
}

/** The memory that this process holds, and its heap of it, in bytes. */
export function memoryUse(): {
  readonly rss: number;
  readonly heapUsed: number;
  readonly heapTotal: number;
} {
  const { rss, heapUsed, heapTotal } = process.memoryUsage();
  return { rss, heapUsed, heapTotal };
}

function machineMemory(): number {
  try {
    return totalmem();
  } catch {
    return Infinity;
  }
}

function containerLimit(): number {
  try {
    const text = readFileSync("/sys/fs/cgroup/memory.max", "utf8").trim();
    const bytes = Number(text);
    return bytes > 0 ? bytes : Infinity;
  } catch {
    // No control groups, or no permission to read them.
    return Infinity;
  }
}
