/**
 * Sends tasks that have ended once more. What has failed or was revoked goes
 * on as itself, with what comes after it; what has succeeded is done once more
 * by a copy, since what came after it has been sent already.
 *
 * @module
 */

import type { LiveTask } from "../../contracts/inspector.ts";
import type { ResultRecord } from "../../contracts/result_backend.ts";
import type { Internals } from "../../internals.ts";
import { decodeEnvelope, type Envelope } from "../../message/envelope.ts";
import { uuid7 } from "../../message/ids.ts";
import { decodeMeta } from "../../message/result_meta.ts";
import type { ActionResult } from "./action.ts";

/** What is to be sent for a task, or why nothing is. */
type Verdict =
  | { readonly envelope: Envelope; readonly of: string }
  | { readonly refused: string };

/**
 * Sends them, with no retries counted.
 *
 * @param again whether to send also what has not failed
 */
export async function retryTasks(
  app: Internals,
  ids: readonly string[],
  again: boolean,
): Promise<ActionResult> {
  const { broker, backend } = await app.stores.open();
  const live = await broker.inspector.find(ids);
  const records = await backend.results.fetch(ids);
  const now = app.clock().now();
  const verdicts = ids.map((id, at) =>
    judge(id, live[at], records[at], again, now)
  );
  const sent = verdicts.filter((each) => "envelope" in each);
  const as = (isCopy: boolean) =>
    sent.filter(({ envelope, of }) => (envelope.id !== of) === isCopy)
      .map(({ envelope }) => envelope);
  const { producer } = app;
  // What is newer is not replaced by what was.
  const standIns = new Map<string, string>();
  const manner = { options: {}, standIns, onConflict: "skip" } as const;
  await producer.publish(as(false), { ...manner, idsChosen: true });
  await producer.publish(as(true), { ...manner, idsChosen: false });
  const outcomes = verdicts.map((each) => withStandIn(each, standIns));
  const refused = outcomes.flatMap((each) =>
    "refused" in each ? [each.refused] : []
  );
  const accepted = outcomes.filter((each) => "envelope" in each);
  return { ok: refused.length === 0, ...told(accepted, refused) };
}

/** A unique task was not sent where another one stands for it. */
function withStandIn(
  verdict: Verdict,
  standIns: ReadonlyMap<string, string>,
): Verdict {
  if ("refused" in verdict) return verdict;
  const { envelope: { id }, of } = verdict;
  const other = standIns.get(id) ?? id;
  return other === id ? verdict : {
    refused:
      `Task ${of} is not sent again: ${other}, which is like it (unique), waits or runs`,
  };
}

function judge(
  id: string,
  live: LiveTask | undefined,
  record: ResultRecord | undefined,
  again: boolean,
  now: number,
): Verdict {
  if (live !== undefined) {
    return { refused: `Task ${id} has not ended: it is ${live.status}` };
  }
  if (record === undefined) {
    return { refused: `There is no record of task ${id}` };
  }
  const { state } = record;
  if (state !== "FAILURE" && !again) {
    const how = SAID[state] ?? `ended as ${state}`;
    return {
      refused:
        `Task ${id} ${how}: it is sent once more only if that is said (again)`,
    };
  }
  const { message } = decodeMeta(record.meta);
  if (message === undefined) {
    return { refused: `The message of task ${id} was not kept: ${WHY}` };
  }
  const envelope = anew(decodeEnvelope(message), now);
  const isItself = state === "FAILURE" || state === "REVOKED";
  return { envelope: isItself ? envelope : copyOf(envelope), of: id };
}

const SAID: Readonly<Record<string, string>> = {
  SUCCESS: "has succeeded",
  REVOKED: "was revoked",
};

const WHY =
  "it was too long, a worker of an earlier version ended it, or it has succeeded without resultExtended";

/** The message as if it had never run. */
function anew(envelope: Envelope, now: number): Envelope {
  const { expires } = envelope;
  return {
    ...envelope,
    retries: 0,
    sentAt: now,
    eta: undefined,
    retriedAt: undefined,
    unknownSince: undefined,
    // What was decided for it before was the failure.
    outcome: undefined,
    expires: expires !== undefined && expires <= now ? undefined : expires,
  };
}

/** Another task that does the same. */
function copyOf(envelope: Envelope): Envelope {
  const id = uuid7();
  return { ...envelope, id, rootId: id, parentId: undefined };
}

function told(
  sent: readonly { readonly envelope: Envelope; readonly of: string }[],
  refused: readonly string[],
): Pick<ActionResult, "text" | "details"> {
  const details = { sent: sent.map(({ envelope }) => envelope.id), refused };
  const [only] = sent;
  if (sent.length + refused.length === 1) {
    if (only === undefined) return { text: refused[0] ?? "", details };
    const { envelope: { id }, of } = only;
    return {
      text: id === of
        ? `Task ${id} is sent again`
        : `Task ${of} is sent again as ${id}`,
      details,
    };
  }
  const rest = refused.length === 0
    ? ""
    : `; ${refused.length} are not: ${refused.slice(0, 3).join(". ")}`;
  return { text: `${sent.length} tasks are sent again${rest}`, details };
}
