/**
 * Files of the command line: what lies beside one, and files that hold the id
 * of the process that works.
 *
 * @module
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";

/** The names beside a path; none where its directory cannot be read. */
export function siblingsOf(path: string): readonly string[] {
  try {
    return readdirSync(dirname(path));
  } catch {
    return [];
  }
}

/**
 * The text in a file.
 *
 * @throws the error of the file system
 */
export function readText(path: string): string {
  return readFileSync(path, "utf8");
}

/** Another process holds the file. */
export interface HeldByOther {
  /** The id of that process. */
  readonly heldBy: number;
}

/** A pid file that this process holds. */
export interface Pidfile {
  /** Removes it, unless it has become another's in the meantime. */
  release(): void;
}

/**
 * Writes the id of this process to a file, unless a live process holds it. A
 * file of a process that is no more is taken over.
 *
 * @throws the error of the file system when the file cannot be written
 */
export function holdPidfile(path: string): Pidfile | HeldByOther {
  const own = String(process.pid);
  // Two that start at once: one of them creates the file.
  for (let tries = 0; tries < 3; tries++) {
    try {
      writeFileSync(path, `${own}\n`, { flag: "wx" });
      return { release: () => release(path, own) };
    } catch (error) {
      if ((error as { code?: unknown }).code !== "EEXIST") throw error;
    }
    const holder = Number(read(path));
    if (isOther(holder) && isAlive(holder)) return { heldBy: holder };
    rmSync(path, { force: true });
  }
  return { heldBy: Number(read(path)) };
}

function release(path: string, own: string): void {
  if (read(path) === own) rmSync(path, { force: true });
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

// In a container the id after a restart is often the one before: the file is
// then left from a process that is no more.
function isOther(pid: number): boolean {
  return Number.isInteger(pid) && pid > 0 && pid !== process.pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Not allowed means that it is there, and somebody else's.
    return (error as { code?: unknown }).code === "EPERM";
  }
}
