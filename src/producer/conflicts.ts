/**
 * What becomes of unique tasks that a store has refused, since another one
 * has their key: nothing is sent, or the one that waits becomes this one.
 *
 * @module
 */

import type { Broker, Message } from "../contracts/broker.ts";
import { StoreError } from "../errors.ts";
import { encodeEnvelope, type Envelope } from "../message/envelope.ts";
import type { OnConflict } from "../task_limits.ts";

/** So often it is looked who has a key, while that changes. */
const MOST_ROUNDS = 8;

/** A message that was not added. */
export interface Refused {
  /** The message; its id may be live. */
  readonly message: Message;
  /** What it was made of. */
  readonly envelope: Envelope;
  /** What is to become of it. */
  readonly onConflict: OnConflict;
}

/** How to find a way. */
export interface ConflictParts {
  /** Who has keys. */
  readonly broker: Pick<Broker, "holders">;
  /** Publishes; for each message whether it was added. */
  readonly publish: (
    messages: readonly Message[],
  ) => Promise<readonly boolean[]>;
  /** Who has keys since this call, though others may not see it yet. */
  readonly own: ReadonlyMap<string, string>;
}

/**
 * Finds for each message the task that stands for it.
 *
 * @returns the ids of those tasks, by the ids of the messages
 * @throws {StoreError} when keys change hands faster than one can look
 */
export async function settleConflicts(
  refused: readonly Refused[],
  parts: ConflictParts,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  // By the id of the message: whom it could not replace.
  const running = new Map<string, string>();
  let left = refused;
  for (let round = 0; round < MOST_ROUNDS && left.length > 0; round++) {
    const tries = await nextTries(left, parts, running, found);
    const added = tries.length === 0
      ? []
      : await parts.publish(tries.map(({ message }) => message));
    left = tries.flatMap(({ refused, message }, index) => {
      const { id } = refused.message;
      if (added[index] === true) {
        found.set(id, message.id);
        return [];
      }
      if (message.replace) running.set(id, message.id);
      return [refused];
    });
  }
  const [first] = left;
  if (first === undefined) return found;
  throw new StoreError(
    `The unique key of task "${first.message.task}" changes hands faster than it can be told who has it, or a transaction that has not ended has it: send the task again`,
    { transient: true },
  );
}

interface Try {
  readonly refused: Refused;
  readonly message: Message;
}

async function nextTries(
  left: readonly Refused[],
  { broker, own }: ConflictParts,
  running: ReadonlyMap<string, string>,
  found: Map<string, string>,
): Promise<readonly Try[]> {
  const keys = left.map(({ message }) => message.unique?.key ?? "");
  const unknown = [...new Set(keys.filter((key) => !own.has(key)))];
  const holders = unknown.length === 0 ? [] : await broker.holders(unknown);
  const byKey = new Map<string, string | null | undefined>(own);
  unknown.forEach((key, index) => byKey.set(key, holders[index]));
  return left.flatMap((refused, index): Try[] => {
    const { message, envelope, onConflict } = refused;
    const holder = byKey.get(keys[index] ?? "") ?? undefined;
    if (holder === undefined) return [{ refused, message }];
    const isSame = holder === message.id;
    if (isSame || onConflict === "skip" || running.get(message.id) === holder) {
      found.set(message.id, holder);
      return [];
    }
    return [{ refused, message: inPlaceOf(holder, message, envelope) }];
  });
}

/** The message under the id of another one, to become that. */
function inPlaceOf(id: string, message: Message, envelope: Envelope): Message {
  const rootId = envelope.rootId === envelope.id ? id : envelope.rootId;
  const calledAs = envelope.id;
  const body = encodeEnvelope({ ...envelope, id, rootId, calledAs });
  return { ...message, id, body, fresh: false, replace: true };
}
