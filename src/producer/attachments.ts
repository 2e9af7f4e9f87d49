/**
 * What limits a message: from the options of its task and of its queue to
 * what stores count.
 *
 * @module
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { Message } from "../contracts/broker.ts";
import type { Limit, UniqueKey } from "../contracts/limits.ts";
import { ConfigError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import type { Envelope } from "../message/envelope.ts";
import { decodeCall } from "../message/json_codec.ts";
import { show } from "../options.ts";
import type { KeyOf, OnConflict, TaskLimits, Unique } from "../task_limits.ts";

/** What is put on a message beside its envelope. */
export type Attached = Pick<Message, "limits" | "unique">;

/** Of a message without limits. */
export const UNLIMITED: Attached = Object.freeze({});

/** A longer key is known by its hash: stores have indexes over keys. */
const LONGEST_KEY = 200;

type Counted = TaskLimits["rate"] | TaskLimits["concurrency"];

/** What becomes of a task that is like another; `null` where it may be. */
export function onConflict(
  app: Internals,
  envelope: Pick<Envelope, "task" | "unique">,
): OnConflict | null {
  const policy = app.tasks.get(envelope.task)?.policy(app.settings());
  return uniqueOf(envelope, policy?.limits ?? null)?.onConflict ?? null;
}

/** When one is enough: as the call says, or else the task. */
function uniqueOf(
  { unique }: Pick<Envelope, "unique">,
  ofTask: TaskLimits | null,
): Unique | null {
  if (unique === undefined) return ofTask?.unique ?? null;
  if (unique === false) return null;
  const { key = null, for: span = null, onConflict } = unique;
  return { key, for: span, onConflict };
}

/** How many limits the message of an envelope has, by its task and queue. */
export function countLimits(
  envelope: Pick<Envelope, "unique">,
  ofTask: TaskLimits | null,
  ofQueue: readonly Limit[] = [],
): number {
  const isLast = uniqueOf(envelope, ofTask)?.onConflict === "keepLast";
  const own = [ofTask?.rate, ofTask?.concurrency, isLast];
  return ofQueue.length + own.filter(Boolean).length;
}

/**
 * What limits a message.
 *
 * @param queue where it goes
 * @throws {ConfigError} for a key that is no text, or cannot be made
 */
export function attached(
  app: Internals,
  envelope: Envelope,
  queue: string = envelope.queue,
): Attached {
  const settings = app.settings();
  const policy = app.tasks.get(envelope.task)?.policy(settings);
  const ofTask = policy?.limits ?? null;
  const ofQueue = settings.taskQueueLimits[queue];
  const unique = uniqueOf(envelope, ofTask);
  if (ofTask === null && ofQueue === undefined && unique === null) {
    return UNLIMITED;
  }
  // One whose end is decided does not run.
  if (envelope.outcome !== undefined) return UNLIMITED;
  if (policy?.acksLate === false) refuseEarly(envelope.task, queue, ofQueue);
  const keys = new Keys(envelope);
  const limits: Limit[] = [...ofQueue ?? []];
  const { rate = null, concurrency = null } = ofTask ?? {};
  if (rate !== null) {
    const { most, per } = rate;
    limits.push({ kind: "rate", key: keys.counted(rate), most, per });
  }
  if (concurrency !== null) {
    const key = keys.counted(concurrency);
    limits.push({ kind: "concurrency", key, most: concurrency.most });
  }
  if (unique?.onConflict === "keepLast") {
    limits.push({ kind: "concurrency", key: keys.last(unique), most: 1 });
  }
  return {
    ...(limits.length === 0 ? {} : { limits }),
    ...(unique === null ? {} : { unique: keys.unique(unique) }),
  };
}

// It is settled before it runs: nobody could count it.
function refuseEarly(
  task: string,
  queue: string,
  limits: readonly Limit[] | undefined,
): void {
  if (!limits?.some(({ kind }) => kind === "concurrency")) return;
  throw new ConfigError(
    `Task "${task}" has acksLate: false, so the concurrency that taskQueueLimits gives queue "${queue}" cannot hold for it: send it to another queue, or leave acksLate at true`,
  );
}

/** The keys of one call. No name has control characters, so none collide. */
class Keys {
  readonly #envelope: Envelope;
  #args: readonly unknown[] | null = null;

  constructor(envelope: Envelope) {
    this.#envelope = envelope;
  }

  counted({ key }: NonNullable<Counted>): string {
    const { task } = this.#envelope;
    if (key === null) return `task:${task}`;
    return typeof key === "string"
      ? `key:${short(key)}`
      : `task:${task}\n${this.#of(key)}`;
  }

  unique(unique: Unique): UniqueKey {
    const { task, sentAt } = this.#envelope;
    return {
      key: `task:${task}\n${this.#alike(unique)}`,
      until: unique.for === null ? null : sentAt + unique.for,
      ...(unique.onConflict === "keepLast" ? { waiting: true } : {}),
    };
  }

  last(unique: Unique): string {
    return `last:${this.#envelope.task}\n${this.#alike(unique)}`;
  }

  #alike({ key }: Unique): string {
    if (typeof key === "string") return short(key);
    if (key !== null) return this.#of(key);
    const { args, kwargs, meta } = this.#envelope;
    return short(canonicalJson([args, kwargs, meta]));
  }

  #of(key: KeyOf<readonly unknown[]>): string {
    const { task, header } = this.#envelope;
    if (header !== undefined) throw unknownArguments(task);
    return short(keyOf(task, key, this.#arguments()));
  }

  #arguments(): readonly unknown[] {
    if (this.#args === null) {
      const { args, kwargs } = decodeCall(this.#envelope);
      this.#args = kwargs === undefined ? args : [...args, kwargs];
    }
    return this.#args;
  }
}

/**
 * The text that a function makes of a task's arguments.
 *
 * @throws {ConfigError} when it makes something else
 */
export function keyOf(
  task: string,
  key: KeyOf<readonly unknown[]>,
  args: readonly unknown[],
): string {
  const made: unknown = key(...args);
  if (typeof made === "string") return made;
  throw new ConfigError(
    `The key of a limit of task "${task}" must be a text, but its function returned ${
      show(made)
    }`,
  );
}

/** The error for a key of arguments that are not known yet. */
export function unknownArguments(task: string): ConfigError {
  return new ConfigError(
    `Task "${task}" has a limit whose key is made of its arguments, so it cannot be the body of a chord, whose arguments come with the results: send it from a task that takes them`,
  );
}

function short(key: string): string {
  const isPlain = key.length <= LONGEST_KEY && !/\p{Cc}/u.test(key) &&
    key.isWellFormed();
  if (isPlain) return key;
  const bytes = new TextEncoder().encode(JSON.stringify(key));
  return `sha256:${bytesToHex(sha256(bytes))}`;
}

/** JSON that is the same for equal values: members by name. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(
          Object.entries(part).sort(([a], [b]) => a < b ? -1 : 1),
        )
        : part,
  ) ?? "null";
}
