/**
 * What holds back a message that a client sent, read with care.
 *
 * @module
 */

import type { Limit, UniqueKey } from "../contracts/limits.ts";
import { fieldsOf, mistake } from "./fields.ts";

// Those of the task, the queue and keepLast are four.
const MOST_LIMITS = 16;
// A name, and what is alike within it; long ones are shortened by senders.
const KEY = /^[^\p{Cc}\p{Cs}]{1,1024}(?:\n[^\p{Cc}\p{Cs}]{0,1024})?$/u;

/**
 * The limits of a message.
 *
 * @param place where they stand, for the error
 * @throws {Refused} when they are anything else
 */
export function limitsOf(
  value: unknown,
  place: string,
): readonly Limit[] | undefined {
  if (value === undefined) return undefined;
  const isList = Array.isArray(value) && value.length > 0 &&
    value.length <= MOST_LIMITS;
  if (!isList) wrong(place, `a list of 1 to ${MOST_LIMITS} limits`, value);
  const limits = value.map((each, at) => limitOf(each, `${place}[${at}]`));
  const names = new Set(limits.map(({ kind, key }) => `${kind} ${key}`));
  if (names.size === limits.length) return limits;
  wrong(place, "a list in which no limit stands twice", value);
}

function limitOf(value: unknown, place: string): Limit {
  const { kind, key, most, per } = fieldsOf(value, place);
  checkKey(key, `${place}.key`);
  if (!isPositive(most) || !Number.isInteger(most)) {
    wrong(`${place}.most`, "a whole number of at least 1", most);
  }
  if (kind === "concurrency") return { kind, key, most };
  if (kind !== "rate") {
    wrong(`${place}.kind`, '"rate" or "concurrency"', kind);
  }
  if (!isPositive(per)) wrong(`${place}.per`, "a span of time in ms", per);
  return { kind, key, most, per };
}

/**
 * The key that no other message may have.
 *
 * @param place where it stands, for the error
 * @throws {Refused} when it is anything else
 */
export function uniqueOf(value: unknown, place: string): UniqueKey | undefined {
  if (value === undefined) return undefined;
  const { key, until, waiting } = fieldsOf(value, place);
  checkKey(key, `${place}.key`);
  if (waiting === true && until === null) return { key, until, waiting };
  if (waiting !== undefined && waiting !== false) {
    wrong(`${place}.waiting`, "true without a time, or left out", waiting);
  }
  if (until !== null && !Number.isFinite(until)) {
    wrong(`${place}.until`, "a time (epoch ms) or null", until);
  }
  return { key, until: until as number | null };
}

function checkKey(value: unknown, place: string): asserts value is string {
  if (typeof value === "string" && KEY.test(value)) return;
  wrong(place, "a key as senders make it: a text in one or two lines", value);
}

function isPositive(value: unknown): value is number {
  return Number.isFinite(value) && (value as number) > 0;
}

function wrong(place: string, wanted: string, given: unknown): never {
  throw mistake(place, wanted, given);
}
