/**
 * Tasks as rows: from their records, and from their messages while they live.
 *
 * @module
 */

import type { LiveTask } from "../../contracts/inspector.ts";
import type { ResultRecord } from "../../contracts/result_backend.ts";
import { decodeEnvelope, type Envelope } from "../../message/envelope.ts";
import { decodeError } from "../../message/error_codec.ts";
import { decodeMeta, type ResultMeta } from "../../message/result_meta.ts";
import type { TaskRow } from "./types/tasks.ts";

/** Texts in lists are cut here. */
const SHOWN = 300;

/** What rows are made from, beside tasks. */
export interface RowContext {
  /** Epoch ms. */
  readonly now: number;
  /** The queue of records that name none. */
  readonly defaultQueue: string;
  /** The node names of consumers, by their ids. */
  readonly workers: ReadonlyMap<string, string>;
}

/** The row of a task of which there is a record and no message. */
export function rowOfRecord(
  record: ResultRecord,
  { now, defaultQueue }: RowContext,
): TaskRow {
  const meta = decodeMeta(record.meta);
  const { times = {} } = meta;
  const endedAt = record.ended ? record.updatedAt : null;
  const envelope = meta.message === undefined
    ? undefined
    : envelopeIn(meta.message);
  const startedAt = times["STARTED"] ?? null;
  const sentAt = times["PENDING"] ?? null;
  return {
    id: record.id,
    name: record.task,
    state: record.state,
    queue: meta.queue ?? envelope?.queue ?? defaultQueue,
    worker: record.worker,
    args: cut(meta.args ?? argsText(envelope)),
    result: cut(record.value),
    error: cut(errorText(record)),
    retries: meta.retries ?? 0,
    sentAt,
    receivedAt: times["RECEIVED"] ?? null,
    startedAt,
    endedAt,
    updatedAt: record.updatedAt,
    eta: meta.eta ?? null,
    waited: waitedOf(sentAt, startedAt),
    runtime: startedAt === null
      ? null
      // What is to be retried runs no more since then.
      : Math.max(
        0,
        (record.ended || record.state === "RETRY" ? record.updatedAt : now) -
          startedAt,
      ),
  };
}

/** The row of a task that waits or is held. */
export function rowOfLive(
  live: LiveTask,
  record: ResultRecord | undefined,
  { now, workers }: RowContext,
): TaskRow {
  const envelope = envelopeIn(live.body);
  const { times = {} }: ResultMeta = record === undefined
    ? {}
    : decodeMeta(record.meta);
  const isHeld = live.status === "running";
  // What a retry leaves behind is of the run before.
  const isOwn = isHeld && record !== undefined && record.state !== "RETRY";
  const startedAt = isOwn ? times["STARTED"] ?? null : null;
  const sentAt = envelope?.sentAt ?? null;
  return {
    id: live.id,
    name: live.task,
    state: stateOf(live, record),
    queue: live.queue,
    worker: live.consumer === null
      ? null
      : workers.get(live.consumer) ?? live.consumer,
    args: cut(argsText(envelope)),
    result: isOwn ? cut(record.value) : null,
    error: cut(errorText(record)),
    retries: envelope?.retries ?? 0,
    sentAt,
    receivedAt: isOwn ? times["RECEIVED"] ?? null : null,
    startedAt,
    endedAt: null,
    updatedAt: record?.updatedAt ?? sentAt,
    eta: live.status === "scheduled" ? live.eta : null,
    waited: waitedOf(sentAt, startedAt),
    runtime: startedAt === null ? null : Math.max(0, now - startedAt),
  };
}

/** The state of a task that has not ended, with what there is of a record. */
export function stateOf(
  { status }: LiveTask,
  record: ResultRecord | undefined,
): string {
  if (record?.ended === false && status !== "running") return record.state;
  if (status === "queued") return "PENDING";
  if (status === "scheduled") return "SCHEDULED";
  if (record === undefined || record.ended || record.state === "RETRY") {
    return "RECEIVED";
  }
  return record.state;
}

/** The envelope in a body; of one that cannot be read, nothing is known. */
export function envelopeIn(body: string): Envelope | undefined {
  try {
    return decodeEnvelope(body);
  } catch {
    return undefined;
  }
}

/** Arguments as JSON text; keyword arguments follow as an object. */
function argsText(envelope: Envelope | undefined): string | null {
  if (envelope === undefined) return null;
  const { args, kwargs } = envelope;
  const hasKwargs = kwargs !== undefined && Object.keys(kwargs).length > 0;
  return JSON.stringify(hasKwargs ? [...args, kwargs] : args);
}

/** The error of a record, `name: message`. */
function errorText(record: ResultRecord | undefined): string | null {
  if (record === undefined || record.error === null) return null;
  const { name, message } = decodeError(record.error);
  return `${name}: ${message}`;
}

/** A text as it is shown in a list. */
export function cut(
  text: string | null,
  length: number = SHOWN,
): string | null {
  return text !== null && text.length > length
    ? `${text.slice(0, length)}…`
    : text;
}

function waitedOf(
  sentAt: number | null,
  startedAt: number | null,
): number | null {
  return sentAt === null || startedAt === null
    ? null
    : Math.max(0, startedAt - sentAt);
}
