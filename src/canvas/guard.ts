/**
 * Guards of large canvases, which are sent in parts: a sender that dies
 * between two of them leaves chords whose members never come. The guard goes
 * with the first part and is due some time later. It is taken back once all is
 * sent; otherwise it fails these chords, so that who waits for them is told.
 *
 * @module
 */

import { ChordError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import type { Envelope } from "../message/envelope.ts";
import { encodeError } from "../message/error_codec.ts";
import type { Unfolded } from "./unfold.ts";

/** The task that looks whether all was sent; every worker knows it. */
export const GUARD = "lovage.guard";

/** So long a sender may take between its first part and its last. */
const PATIENCE = "10m";

/** A group that is failed if not all was sent. */
interface Guarded {
  readonly id: string;
  readonly size: number;
}

/** The guard of a canvas that is sent in several parts. */
export function guardOf(
  { producer }: Internals,
  { envelopes, plans }: Unfolded,
): Envelope | undefined {
  const [plan] = plans;
  const last = envelopes.at(-1);
  if (plan === undefined || last === undefined) return undefined;
  const all = new Set(plans.map(({ id }) => id));
  // Those that are in others fail with them.
  const outer: Guarded[] = plans.filter(({ body }) =>
    body.chord !== true || !all.has(body.group ?? "")
  ).map(({ id, size }) => ({ id, size }));
  const { queue, priority } = plan.body;
  return producer.envelope(GUARD, [outer, last.id], {
    ...{ queue, priority, countdown: PATIENCE, ignoreResult: true },
  });
}

/** What the guard does: fails groups, unless all was sent. */
export async function guard(
  app: Internals,
  groups: readonly Guarded[],
  last: string,
): Promise<void> {
  if (await isKnown(app, last)) return;
  const error = encodeError(
    new ChordError("The sender of a canvas ended before all of it was sent"),
  );
  const failed = groups.map(({ id, size }): Envelope => ({
    ...app.producer.envelope(GUARD, [], { ignoreResult: true }),
    // The place of no member.
    ...{ group: id, groupIndex: size, chord: true },
    outcome: { error, isOwn: true },
  }));
  await app.producer.publish(failed, { options: {}, idsChosen: false });
}

async function isKnown({ stores }: Internals, id: string): Promise<boolean> {
  const { broker, backend } = await stores.open();
  const [live] = await broker.inspector.find([id]);
  if (live !== undefined) return true;
  const [record] = await backend.results.fetch([id]);
  return record !== undefined;
}

/** Takes a guard back; if that fails, it finds that all was sent. */
export async function dismiss(app: Internals, { id }: Envelope): Promise<void> {
  const rememberUntil = app.clock().now();
  try {
    const { broker } = await app.stores.open();
    await broker.broker.cancel([{ id, terminate: false, rememberUntil }]);
  } catch {
    // See above.
  }
}
