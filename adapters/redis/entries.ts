/**
 * Entries of the scheduler as they are stored, and firings as arguments of
 * scripts.
 *
 * @module
 */

import type {
  Firing,
  Message,
  SchedulePut,
  ScheduleRecord,
} from "../../src/contracts/mod.ts";
import type { Argument } from "./client.ts";

/** Bodies, marks and states, in the order of the names. */
export type StoredEntries = readonly [
  bodies: readonly (string | null)[],
  marks: readonly (string | null)[],
  states: readonly (string | null)[],
];

/**
 * The entries that were read; `null` for what is not there. One whose mark
 * somebody spoilt by hand is never due.
 */
export function unpackEntries(
  names: readonly string[],
  [bodies, marks, states]: StoredEntries,
): (ScheduleRecord | null)[] {
  return names.map((name, at) => {
    const mark = marks[at] ?? null;
    if (mark === null) return null;
    const found = /^(\d+) (-?\d+(?:\.\d+)?)?$/.exec(mark);
    const dueAt = found?.[2];
    return {
      name,
      body: bodies[at] ?? "",
      dueAt: dueAt === undefined ? null : Number(dueAt),
      state: states[at] ?? "",
      revision: Number(found?.[1] ?? 0),
    };
  });
}

/** Entries to write: how many, then column by column. */
export function putArguments(batch: readonly SchedulePut[]): Argument[] {
  const args: Argument[] = [batch.length];
  for (const { name } of batch) args.push(name);
  for (const { body } of batch) args.push(body);
  for (const { dueAt } of batch) args.push(dueAt ?? "");
  for (const { expected } of batch) {
    args.push(expected === undefined ? "" : expected ?? "-");
  }
  return args;
}

/** What is fired: how many, then column by column. */
export function moveArguments(firings: readonly Firing[]): Argument[] {
  const args: Argument[] = [firings.length];
  for (const { name } of firings) args.push(name);
  for (const { revision, dueAt } of firings) args.push(`${revision} ${dueAt}`);
  for (const { nextAt } of firings) args.push(nextAt ?? "");
  for (const { state } of firings) args.push(state);
  return args;
}

/** The most firings of a step: a script is not to hold others up. */
const MOST_FIRINGS = 500;
/** The most messages of a step, unless one firing has more. */
const MOST_MESSAGES = 1_000;

/** Firings that the server carries out together. */
export class FiringStep {
  readonly firings: Firing[] = [];
  /** Their messages. */
  readonly messages: Message[] = [];
  /** Which of the firings each message belongs to. */
  readonly owners: number[] = [];
  readonly #ids = new Set<string>();

  /** Whether a firing can be part of this step. */
  takes({ messages }: Firing): boolean {
    if (this.firings.length >= MOST_FIRINGS) return false;
    const count = this.messages.length + messages.length;
    if (count > MOST_MESSAGES && this.messages.length > 0) return false;
    // Of two messages of one id one may belong to a firing that is late.
    return !messages.some(({ id }) => this.#ids.has(id));
  }

  /** Adds a firing; of its messages of one id the first counts. */
  add(firing: Firing): void {
    const owner = this.firings.length;
    this.firings.push(firing);
    for (const message of firing.messages) {
      if (this.#ids.has(message.id)) continue;
      this.#ids.add(message.id);
      this.messages.push(message);
      this.owners.push(owner);
    }
  }
}

/** A batch in steps, of which each stands for itself. */
export function stepsOf(batch: readonly Firing[]): FiringStep[] {
  const steps: FiringStep[] = [];
  for (const firing of batch) {
    let step = steps.at(-1);
    if (!step?.takes(firing)) steps.push(step = new FiringStep());
    step.add(firing);
  }
  return steps;
}
