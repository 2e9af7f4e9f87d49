/**
 * Everything about one task.
 *
 * @module
 */

import type { LiveTask } from "../../contracts/inspector.ts";
import type { ResultRecord } from "../../contracts/result_backend.ts";
import type { Envelope } from "../../message/envelope.ts";
import { decodeError, type EncodedError } from "../../message/error_codec.ts";
import { decodeMeta, type ResultMeta } from "../../message/result_meta.ts";
import type { OpenStores } from "../../producer/stores.ts";
import {
  envelopeIn,
  type RowContext,
  rowOfLive,
  rowOfRecord,
} from "./task_row.ts";
import type {
  ErrorFacts,
  TaskDetail,
  TaskRow,
  TimelineStep,
} from "./types/tasks.ts";

/** So many causes of causes are shown. */
const DEEPEST = 5;

/** A task, and what it was made from. */
interface Found {
  readonly row: TaskRow;
  readonly live: LiveTask | undefined;
  readonly record: ResultRecord | undefined;
}

/** One task; `null` when nothing is known of it. */
export async function findTask(
  stores: OpenStores,
  context: RowContext,
  id: string,
): Promise<TaskDetail | null> {
  const found = await find(stores, context, id);
  return found === null ? null : detailOf(found);
}

/** The same as a row of a list. */
export async function findRow(
  stores: OpenStores,
  context: RowContext,
  id: string,
): Promise<TaskRow | null> {
  return (await find(stores, context, id))?.row ?? null;
}

async function find(
  { broker, backend }: OpenStores,
  context: RowContext,
  id: string,
): Promise<Found | null> {
  // In this order: of what ends in between there is a record.
  const [live] = await broker.inspector.find([id]);
  const [record] = await backend.results.fetch([id]);
  if (live !== undefined && record?.ended !== true) {
    return { row: rowOfLive(live, record, context), live, record };
  }
  if (record === undefined) return null;
  return { row: rowOfRecord(record, context), live: undefined, record };
}

function detailOf({ row, live, record }: Found): TaskDetail {
  const meta: ResultMeta = record === undefined ? {} : decodeMeta(record.meta);
  const body = live?.body ?? meta.message;
  const envelope = body === undefined ? undefined : envelopeIn(body);
  const hasEnded = live === undefined;
  const isKept = hasEnded && meta.message !== undefined;
  return {
    ...row,
    ...argumentsOf(envelope, meta),
    resultJson: record?.value ?? null,
    failure: record?.error === null || record === undefined
      ? null
      : errorFacts(record.error),
    timeline: timelineOf(meta, row.sentAt),
    headers: envelope?.headers ?? meta.headers ?? null,
    priority: live?.priority ?? envelope?.priority ?? null,
    expires: envelope?.expires ?? null,
    softTimeLimit: envelope?.softTimeLimit ?? null,
    timeLimit: envelope?.timeLimit ?? null,
    losses: live?.losses ?? meta.losses ?? 0,
    cancelled: live?.cancelled ?? false,
    recordExpiresAt: record?.expiresAt ?? null,
    rootId: envelope?.rootId ?? meta.rootId ?? row.id,
    parentId: envelope?.parentId ?? meta.parentId ?? null,
    groupId: envelope?.group ?? meta.group ?? null,
    origin: envelope?.origin ?? null,
    can: {
      retry: isKept && isUndone(row.state),
      rerun: isKept && !isUndone(row.state),
      revoke: !hasEnded,
      terminate: live?.status === "running",
    },
  };
}

/** Whether what it was to do is still to be done. */
function isUndone(state: string): boolean {
  return state === "FAILURE" || state === "REVOKED";
}

function argumentsOf(
  envelope: Envelope | undefined,
  meta: ResultMeta,
): Pick<TaskDetail, "argsJson" | "kwargsJson" | "argsCut"> {
  if (envelope !== undefined) {
    const { args, kwargs } = envelope;
    const hasKwargs = kwargs !== undefined && Object.keys(kwargs).length > 0;
    return {
      argsJson: JSON.stringify(args),
      kwargsJson: hasKwargs ? JSON.stringify(kwargs) : null,
      argsCut: false,
    };
  }
  const text = meta.args ?? null;
  return {
    argsJson: text,
    kwargsJson: null,
    argsCut: text !== null && !isJson(text),
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function timelineOf(
  { times = {} }: ResultMeta,
  sentAt: number | null,
): readonly TimelineStep[] {
  const all = sentAt === null ? times : { PENDING: sentAt, ...times };
  return Object.entries(all)
    .filter(([, at]) => typeof at === "number")
    .map(([state, at]) => ({ state, at }))
    .sort((a, b) => a.at - b.at);
}

/** What an encoded error says, with the stack of where it was thrown. */
export function errorFacts(text: string): ErrorFacts {
  try {
    return factsIn(JSON.parse(text) as EncodedError, 0);
  } catch {
    const { name, message } = decodeError(text);
    return { name, message, stack: null, cause: null };
  }
}

function factsIn(
  { name, message, stack, cause }: EncodedError,
  depth: number,
): ErrorFacts {
  return {
    name: String(name),
    message: String(message),
    stack: typeof stack === "string" ? stack : null,
    cause: typeof cause === "object" && cause !== null && depth < DEEPEST
      ? factsIn(cause, depth + 1)
      : null,
  };
}
