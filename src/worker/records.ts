/**
 * The records that a worker stores.
 *
 * @module
 */

import type { Delivery } from "../contracts/broker.ts";
import type { ResultRecord } from "../contracts/result_backend.ts";
import type { Internals } from "../internals.ts";
import { encodeEnvelope, type Envelope } from "../message/envelope.ts";
import { keptMessage, type ResultMeta } from "../message/result_meta.ts";

/** What a record says of a task, beside what its envelope says. */
export interface RecordFacts {
  /** The state. */
  readonly state: string;
  /** The node name of the worker. */
  readonly worker: string;
  /** The encoded result, or metadata. */
  readonly value?: string | null | undefined;
  /** The encoded error. */
  readonly error?: string | null | undefined;
  /** When the state was reached (epoch ms). Defaults to now. */
  readonly at?: number | undefined;
  /** When the worker took the task (epoch ms). */
  readonly receivedAt?: number | undefined;
  /** When the run began (epoch ms). */
  readonly startedAt?: number | undefined;
  /** When it runs again (epoch ms). */
  readonly eta?: number | undefined;
  /** Workers that were lost with it. */
  readonly losses?: number | undefined;
  /** Ids of the tasks that it sent or led to. */
  readonly children?: readonly string[] | undefined;
  /** Ids of what it added to its chord. */
  readonly added?: readonly string[] | undefined;
}

const ENDED: ReadonlySet<string> = new Set([
  ...["SUCCESS", "FAILURE", "REVOKED"],
  // Stored where others wait for the task.
  "IGNORED",
]);

/** The last bit of a `traceparent`. */
const SAMPLED = /[13579bdf]$/;

// Arguments are kept as text for people; longer ones are cut.
const ARGS_SHOWN = 1024;
const UNDONE: ReadonlySet<string> = new Set(["FAILURE", "REVOKED"]);

/** The record of a task in a state. */
export function makeRecord(
  app: Internals,
  envelope: Envelope,
  facts: RecordFacts,
): ResultRecord {
  const { resultExpires, resultExtended, taskDefaultQueue } = app.settings();
  const at = facts.at ?? app.clock().now();
  const meta: ResultMeta = {
    times: timesOf(envelope, facts, at),
    retries: envelope.retries,
    losses: facts.losses || undefined,
    rootId: envelope.rootId === envelope.id ? undefined : envelope.rootId,
    parentId: envelope.parentId,
    children: facts.children,
    added: facts.added,
    group: envelope.group,
    header: headerOf(envelope),
    trace: traceOf(app, envelope),
    eta: facts.eta,
    queue: envelope.queue === taskDefaultQueue ? undefined : envelope.queue,
    ...keptOf(envelope, facts.state, resultExtended),
  };
  return {
    id: envelope.id,
    state: facts.state,
    ended: ENDED.has(facts.state),
    task: envelope.task,
    worker: facts.worker,
    updatedAt: at,
    expiresAt: resultExpires === null ? null : at + resultExpires,
    value: facts.value ?? null,
    error: facts.error ?? null,
    meta: JSON.stringify(meta),
  };
}

/** The record of a message that cannot be read: who waits for it is told. */
export function unreadableRecord(
  app: Internals,
  delivery: Delivery,
  facts: {
    readonly worker: string;
    readonly error: string;
    readonly at: number;
  },
): ResultRecord {
  const { resultExpires } = app.settings();
  return {
    id: delivery.id,
    state: "FAILURE",
    ended: true,
    task: delivery.task,
    worker: facts.worker,
    updatedAt: facts.at,
    expiresAt: resultExpires === null ? null : facts.at + resultExpires,
    value: null,
    error: facts.error,
    meta: JSON.stringify({ times: { FAILURE: facts.at } }),
  };
}

function timesOf(
  envelope: Envelope,
  facts: RecordFacts,
  at: number,
): Record<string, number | undefined> & Readonly<Record<string, number>> {
  return {
    PENDING: envelope.sentAt,
    RETRY: envelope.retriedAt,
    RECEIVED: facts.receivedAt,
    STARTED: facts.startedAt,
    [facts.state]: at,
  } as Record<string, number>;
}

function headerOf({ header }: Envelope): ResultMeta["header"] {
  if (header === undefined) return undefined;
  const { group, size, ids } = header;
  return { group, size, ids };
}

// The span of a chord's body refers to those of its members.
function traceOf(
  { telemetry }: Internals,
  { chord, headers }: Envelope,
): string | undefined {
  if (chord !== true || telemetry.current === null) return undefined;
  const trace = headers?.["traceparent"];
  return typeof trace === "string" && SAMPLED.test(trace) ? trace : undefined;
}

/** What is kept of its message: for people, and to send it again. */
function keptOf(
  envelope: Envelope,
  state: string,
  isExtended: boolean,
): ResultMeta {
  const { queue, headers } = envelope;
  const message = UNDONE.has(state)
    ? keptMessage(encodeEnvelope(envelope))
    : isExtended && ENDED.has(state)
    ? keptMessage(encodeEnvelope(byItself(envelope)))
    : undefined;
  if (!isExtended) return { message };
  const args = JSON.stringify(envelope.args).slice(0, ARGS_SHOWN);
  return { args, headers, queue, message };
}

/** What it does, without what comes after it: that has been sent. */
function byItself(envelope: Envelope): Envelope {
  return {
    ...envelope,
    chain: undefined,
    later: undefined,
    link: undefined,
    linkError: undefined,
    group: undefined,
    groupIndex: undefined,
    chord: undefined,
  };
}
