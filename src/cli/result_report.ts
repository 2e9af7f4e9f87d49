/**
 * What became of a task, as commands report it.
 *
 * @module
 */

import type { ResultInfo } from "../producer/async_result.ts";
import { inspect } from "../runtime/process.ts";
import { ExitCode } from "./exit_code.ts";

/** What is known of a task, for `--json`. */
export interface ResultReport {
  /** The task's id. */
  readonly id: string;
  /** Its state. */
  readonly state: string;
  /** Its name, when it is known. */
  readonly task: string | null;
  /** What it returned. */
  readonly result: unknown;
  /** Its error. */
  readonly error: {
    readonly name: string;
    readonly message: string;
    readonly stack: string | null;
  } | null;
  /** The metadata of a custom state. */
  readonly info: unknown;
  /** When it ended. */
  readonly doneAt: string | null;
  /** The node name of the worker that ran it. */
  readonly worker: string | null;
  /** How often it was retried. */
  readonly retries: number;
}

/** The report of a task. */
export function reportOf(id: string, info: ResultInfo<unknown>): ResultReport {
  const error = info.info instanceof Error ? info.info : null;
  return {
    id,
    state: info.state,
    task: info.task || null,
    result: info.state === "SUCCESS" ? info.result ?? null : null,
    error: error === null ? null : {
      name: error.name,
      message: error.message,
      stack: info.traceback ?? null,
    },
    info: error === null && info.state !== "SUCCESS" ? info.info ?? null : null,
    doneAt: info.dateDone?.toISOString() ?? null,
    worker: info.worker ?? null,
    retries: info.meta.retries ?? 0,
  };
}

/** The exit code for a state. */
export function exitCodeOfState(state: string): number {
  if (state === "SUCCESS") return ExitCode.Ok;
  if (state === "FAILURE" || state === "REVOKED") return ExitCode.Failure;
  return ExitCode.NotEnded;
}

/** A value for people: JSON where that shows it as it is. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  return isPlain(value) ? JSON.stringify(value, null, 2) : inspect(value);
}

function isPlain(value: unknown): boolean {
  if (value === null) return true;
  if (typeof value !== "object") {
    return typeof value === "number" || typeof value === "boolean" ||
      typeof value === "string";
  }
  if (Array.isArray(value)) return value.every(isPlain);
  return Object.getPrototypeOf(value) === Object.prototype &&
    Object.values(value).every(isPlain);
}
