/**
 * Sends tasks that have failed once more, under their ids.
 *
 * @module
 */

import type { Internals } from "../../internals.ts";
import { decodeEnvelope, type Envelope } from "../../message/envelope.ts";
import { decodeMeta } from "../../message/result_meta.ts";
import type { ActionResult } from "./action.ts";

/** Sends them, with no retries counted. */
export async function retryTasks(
  app: Internals,
  ids: readonly string[],
): Promise<ActionResult> {
  const { broker, backend } = await app.stores.open();
  const live = await broker.inspector.find(ids);
  const records = await backend.results.fetch(ids);
  const now = app.clock().now();
  const envelopes: Envelope[] = [];
  const refused: string[] = [];
  for (const [at, id] of ids.entries()) {
    const record = records[at];
    const message = record && decodeMeta(record.meta).message;
    if (live[at] !== undefined) {
      refused.push(`Task ${id} has not ended: it is ${live[at].status}`);
    } else if (record === undefined) {
      refused.push(`There is no record of task ${id}`);
    } else if (message === undefined) {
      refused.push(
        record.state === "FAILURE"
          ? `The message of task ${id} was not kept: it was too long, or a worker of an earlier version ran it`
          : `Task ${id} has not failed, it is ${record.state}: only of failed tasks the message is kept`,
      );
    } else {
      envelopes.push(anew(decodeEnvelope(message), now));
    }
  }
  await app.producer.publish(envelopes, { options: {}, idsChosen: true });
  return { ok: refused.length === 0, ...told(envelopes, refused) };
}

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

function told(
  sent: readonly Envelope[],
  refused: readonly string[],
): Pick<ActionResult, "text" | "details"> {
  const details = { sent: sent.map(({ id }) => id), refused };
  const [only] = sent;
  if (sent.length + refused.length === 1) {
    const text = only === undefined
      ? refused[0] ?? ""
      : `Task ${only.id} is sent again`;
    return { text, details };
  }
  const rest = refused.length === 0
    ? ""
    : `; ${refused.length} are not: ${refused.slice(0, 3).join(". ")}`;
  return { text: `${sent.length} tasks are sent again${rest}`, details };
}
