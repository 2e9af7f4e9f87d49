/**
 * Errors of SQLite as sentences that say what to do.
 *
 * @module
 */

import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { StoreError } from "../../src/errors.ts";

/** The result codes of SQLite that mean something to us. */
const BUSY = 5;
const READONLY = 8;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** Whether another connection holds a lock, so that trying again helps. */
export function isBusy(error: unknown): boolean {
  return codeOf(error) === BUSY ||
    // `exec` tells no code.
    /database is locked/.test(messageOf(error));
}

/** The error as one that a person can act on. */
export function explain(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError(sentence(error, path), {
    cause: error,
    transient: !isMisuse(error),
  });
}

/** Whether trying again cannot help before somebody has done something. */
function isMisuse(error: unknown): boolean {
  return [NOTADB, READONLY, CANTOPEN].includes(codeOf(error) ?? -1) ||
    nameOf(error) === "NotCapable" ||
    /not a database|readonly database|unable to open/.test(messageOf(error));
}

function sentence(error: unknown, path: string): string {
  const message = messageOf(error);
  const code = codeOf(error);
  if (nameOf(error) === "NotCapable") {
    return `Deno may not use the SQLite store ${path}: run with ` +
      `--allow-read and --allow-write for it and for "${path}-wake"`;
  }
  if (code === NOTADB || /not a database/.test(message)) {
    return `${path} is not a SQLite database: give the path of another file, ` +
      "which is made if it does not exist";
  }
  if (code === READONLY || /readonly database/.test(message)) {
    return `The SQLite store ${path} cannot be written: let this user write ` +
      "to the file and to its directory";
  }
  if (code === CANTOPEN || /unable to open/.test(message)) {
    return cannotOpen(path);
  }
  if (code === FULL) {
    return `The disk of the SQLite store ${path} is full: nothing of the ` +
      "last call was stored; make room and call again";
  }
  return `The SQLite store ${path} answered: ${message}`;
}

function cannotOpen(path: string): string {
  if (isDirectory(path)) {
    return `${path} is a directory: give the path of a file for the ` +
      "SQLite store";
  }
  const directory = dirname(resolve(path));
  if (!isDirectory(directory)) {
    return `The directory ${directory} of the SQLite store does not exist: ` +
      "make it or give another path";
  }
  return `The SQLite store ${path} cannot be opened: let this user read and ` +
    "write the file and its directory";
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The primary result code, without the extension in the upper bits. */
function codeOf(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}
