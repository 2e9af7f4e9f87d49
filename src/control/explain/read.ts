/**
 * Reads messages and records for explanations. They may hold anything: what
 * cannot be read is left out or told, and never throws.
 *
 * @module
 */

import type { LiveTask } from "../../contracts/inspector.ts";
import type { ResultRecord } from "../../contracts/result_backend.ts";
import { decodeEnvelope, type Envelope } from "../../message/envelope.ts";
import { decodeError } from "../../message/error_codec.ts";
import { decodeMeta } from "../../message/result_meta.ts";
import type { MetaFacts, TaskFacts } from "./facts.ts";
import { line } from "../../words.ts";

/** What is known of a task from what the stores have of it. */
export function taskFacts(
  id: string,
  live: LiveTask | undefined,
  record: ResultRecord | undefined,
): TaskFacts {
  const read = live === undefined ? {} : readEnvelope(live.body);
  return {
    id,
    live,
    envelope: read.envelope,
    unreadable: read.unreadable,
    record,
    meta: readMeta(record),
  };
}

/** Whether anything is known of a task. */
export function isKnown({ live, record }: TaskFacts): boolean {
  return live !== undefined || record !== undefined;
}

/** Whether a task is known not to have ended. */
export function isUnfinished({ live, record }: TaskFacts): boolean {
  return live !== undefined || (record !== undefined && !record.ended);
}

/** The name of a task; `null` when it is not known. */
export function nameOf({ live, record }: TaskFacts): string | null {
  return live?.task || record?.task || null;
}

/** The state of a task. */
export function stateOf({ live, record }: TaskFacts): string {
  if (live === undefined) return record?.state ?? "PENDING";
  if (record === undefined || record.ended) {
    return live.status === "running" ? "RECEIVED" : "PENDING";
  }
  return live.status === "running" && record.state === "RETRY"
    ? "RECEIVED"
    : record.state;
}

/** The error of a record as `RangeError: no points`; `undefined` without one. */
export function errorOf(record: ResultRecord | undefined): string | undefined {
  const error = readError(record);
  return error === undefined ? undefined : line(
    `${error.name}: ${error.message}`,
  );
}

/** The error of a record. */
export function readError(
  record: ResultRecord | undefined,
): { readonly name: string; readonly message: string } | undefined {
  if (record === undefined || record.error === null) return undefined;
  try {
    const { name, message } = decodeError(record.error);
    return { name: String(name), message: String(message) };
  } catch {
    return { name: "Error", message: "that cannot be read" };
  }
}

function readEnvelope(
  body: string,
): { envelope?: Envelope; unreadable?: string } {
  try {
    return { envelope: decodeEnvelope(body) };
  } catch (error) {
    return { unreadable: line(String((error as Error).message)) };
  }
}

function readMeta(record: ResultRecord | undefined): MetaFacts {
  const meta: Record<string, unknown> = record === undefined
    ? {}
    : { ...decodeMeta(record.meta) };
  const { times, retries, losses, children, group } = meta;
  return {
    times: Object.fromEntries(
      Object.entries(times ?? {}).filter(([, at]) => typeof at === "number"),
    ),
    retries: typeof retries === "number" ? retries : 0,
    losses: typeof losses === "number" ? losses : 0,
    children: Array.isArray(children)
      ? children.filter((id) => typeof id === "string")
      : [],
    group: typeof group === "string" ? group : undefined,
  };
}
