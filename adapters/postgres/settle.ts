/**
 * Settlements as parameters of the statement that ends deliveries.
 *
 * @module
 */

import type { ResultRecord, Settlement } from "../../src/contracts/mod.ts";
import type { Param } from "./client.ts";
import { type EndsForm, endsOf, opensOf } from "./groups.ts";
import { moveArrays } from "./moves.ts";
import { alikeParams, recordParams } from "./records.ts";
import { isSpecial } from "./terms.ts";
import { numberArray, textIn, textList } from "./text.ts";

/** What the members of a batch need, which decides what the statement holds. */
export interface SettleShape {
  /**
   * Whether some have a result; whether all have one, and alike; and whether
   * these may be taken for the first ones of their tasks.
   */
  readonly results: "none" | "first" | "alike" | "any";
  /** A message is sent whose record is stored by the same batch. */
  readonly restarts: boolean;
  /** Some are not simply acknowledged, or have successors. */
  readonly moves: boolean;
  /** Groups begin with it. */
  readonly opens: boolean;
  /** Members of groups end. */
  readonly ends: EndsForm | "none";
  /** Some have terms, or messages that follow from it. */
  readonly special: boolean;
}

/** What a batch stores: its form, and its parameters. */
interface Results {
  readonly form: SettleShape["results"];
  readonly params: readonly Param[];
}

function resultsOf(
  batch: readonly Settlement[],
  { moves, isFirst }: { moves: boolean; isFirst: boolean },
): Results {
  const records = batch.map(({ result }) => result);
  if (records.every((record) => record === undefined)) {
    return { form: "none", params: [] };
  }
  const alike = moves ? null : alikeParams(batch.map(({ id }) => id), records);
  return alike === null
    ? { form: "any", params: recordParams(records) }
    : { form: isFirst ? "first" : "alike", params: alike };
}

function restarts(batch: readonly Settlement[]): boolean {
  const records = new Set(batch.map(({ result }) => result?.id));
  return batch.some(({ publish = [] }) =>
    publish.some((message) => records.has(message.id))
  );
}

/**
 * Whether something is to be given back or taken: the tokens of messages with
 * terms are odd.
 */
function hasTerms({ token, action, publish = [] }: Settlement): boolean {
  return token % 2 !== 0 || publish.some(isSpecial) ||
    (action.kind === "requeue" && isSpecial(action.message));
}

function isMove({ action, publish = [], groups = [] }: Settlement): boolean {
  return action.kind !== "ack" || publish.length > 0 || groups.length > 0;
}

/** A statement with its parameters. */
export interface SettleCall {
  readonly shape: SettleShape;
  readonly params: readonly Param[];
}

/**
 * A batch as the statement for its shape takes it.
 *
 * @param isFirst whether its records may be taken for the first of their tasks
 */
export function settleCall(
  consumer: string,
  batch: readonly Settlement[],
  ended: { readonly channel: string; readonly payloads: readonly string[] },
  work: {
    readonly now: number;
    readonly channel: string;
    readonly payload: string | null;
    /** Who says which queues bodies went to; `null` when nothing is said. */
    readonly sender: string | null;
  },
  isFirst: boolean,
): SettleCall {
  const special = batch.some(hasTerms);
  const moves = special || batch.some(isMove);
  const opens = batch.some(({ groups = [] }) => groups.length > 0);
  const results = resultsOf(batch, { moves, isFirst });
  const moved = moves ? moveArrays(batch, work.now, special) : null;
  const ends = endsOf(batch);
  const isTimed = moved !== null || ends !== null;
  const params: Param[] = [
    textIn(consumer),
    textList(batch.map((one) => one.id)),
    numberArray(batch.map((one) => one.token)),
    ended.channel,
    textList(ended.payloads),
    ...results.params,
    ...(moved?.arrays ?? []),
    ...(opens ? [textList(opensOf(batch))] : []),
    ...(ends === null ? [] : [ends.column]),
    ...(isTimed ? [work.now, work.channel] : []),
    ...(ends === null ? [] : [ends.groups, work.sender]),
    ...(moved === null ? [] : [work.payload, moved.arrivals]),
    ...(special ? [work.sender] : []),
  ];
  const shape: SettleShape = {
    results: results.form,
    restarts: restarts(batch),
    moves,
    opens,
    ends: ends?.form ?? "none",
    special,
  };
  return { shape, params };
}

/** The records of a batch that end their tasks, held or not. */
export function endedRecords(
  batch: readonly Settlement[],
): ResultRecord[] {
  return batch.flatMap(({ result }) => result?.ended ? [result] : []);
}
