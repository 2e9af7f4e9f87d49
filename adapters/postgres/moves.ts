/**
 * What becomes of the messages of settlements that are not simply
 * acknowledged, or have successors.
 *
 * @module
 */

import type { Message, Settlement } from "../../src/contracts/mod.ts";
import type { Param } from "./client.ts";
import { dueOf } from "./publish.ts";
import { termsIn } from "./terms.ts";
import { numberArray, textIn, textList } from "./text.ts";

/** What happens to a message, as the statement is told. */
export const KIND = {
  ack: 0,
  release: 1,
  lost: 2,
  requeue: 3,
  dead: 4,
} as const;

/** The columns that say it, and their types. */
export const MOVES: readonly (readonly [string, string])[] = [
  ["kind", "int"],
  ["reason", "text"],
  ["detail", "text"],
  ["m_at", "int"],
  ["m_task", "text"],
  ["m_queue", "text"],
  ["m_priority", "int"],
  ["m_eta", "bigint"],
  ["m_due", "bigint"],
  ["m_body", "text"],
  ["next", "text"],
];

/** One more, where messages have terms. */
export const TERMS_MOVE: readonly [string, string] = ["m_terms", "text"];

/** What becomes of the messages of a batch. */
export interface Moves {
  /** The columns {@linkcode MOVES}, and {@linkcode TERMS_MOVE} if asked for. */
  readonly arrays: readonly Param[];
  /** How many messages arrive in queues. */
  readonly arrivals: number;
}

/** The same for a batch. */
export function moveArrays(
  batch: readonly Settlement[],
  now: number,
  terms: boolean,
): Moves {
  const places = new Map(batch.map((one, at) => [one.id, at + 1]));
  const arrivalOf: (number | null)[] = [];
  const bodies: (string | null)[] = [];
  const next: (string | null)[] = [];
  let arrivals = 0;
  for (const [at, { action, publish = [] }] of batch.entries()) {
    arrivalOf.push(action.kind === "requeue" ? ++arrivals : null);
    const rows: Record<string, unknown>[] = publish.map((message) => ({
      ...rowOf(message, now),
      at: ++arrivals,
      unless: laterThan(at + 1, places.get(message.id)),
    }));
    const [first] = rows;
    const isOver = action.kind === "ack" || action.kind === "dead";
    if (isOver && first !== undefined) {
      // As text of its own: in JSON, long ones cost several times as much.
      bodies.push(publish[0]?.body ?? null);
      rows[0] = { ...first, body: null };
    } else bodies.push(action.kind === "requeue" ? action.message.body : null);
    next.push(rows.length === 0 ? null : JSON.stringify(rows));
  }
  const messages = batch.map(({ action }) =>
    action.kind === "requeue" ? action.message : null
  );
  const dead = batch.map(({ action }) =>
    action.kind === "dead" ? action : null
  );
  const arrays = [
    numberArray(batch.map(kindOf)),
    textList(dead.map((action) => action?.reason ?? null)),
    textList(dead.map((action) => action?.detail ?? null)),
    numberArray(arrivalOf),
    textList(messages.map((message) => message?.task ?? null)),
    textList(messages.map((message) => message?.queue ?? null)),
    numberArray(messages.map((message) => message?.priority ?? null)),
    numberArray(messages.map((message) => message?.eta ?? null)),
    numberArray(messages.map((message) => message && dueOf(message, now))),
    textList(bodies),
    textList(next),
    ...(terms
      ? [textList(messages.map((message) => message && termsIn(message)))]
      : []),
  ];
  return { arrays, arrivals };
}

/**
 * A batch is settled in its order: a message whose id is still held then, by
 * a settlement that comes later, is live and not added.
 */
function laterThan(place: number, other: number | undefined): number | null {
  return other !== undefined && other > place ? other : null;
}

function kindOf({ action }: Settlement): number {
  switch (action.kind) {
    case "ack":
      return KIND.ack;
    case "release":
      return action.lost ? KIND.lost : KIND.release;
    case "requeue":
      return KIND.requeue;
    case "dead":
      return KIND.dead;
    default:
      return action satisfies never;
  }
}

/** A message as a row of JSON, for `json_to_recordset`. */
export function rowOf(message: Message, now: number): Record<string, unknown> {
  const { id, task, queue, priority, eta, body } = message;
  const terms = termsIn(message);
  return {
    ...(terms !== null && { terms }),
    ...{ id: textIn(id), task: textIn(task), queue: textIn(queue) },
    ...{ priority, eta, due: dueOf(message, now), body: textIn(body) },
  };
}
