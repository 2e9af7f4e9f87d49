/**
 * Task ids.
 *
 * @module
 */

/** The longest task id, in UTF-16 code units. */
const MAX_TASK_ID_LENGTH = 255;

/** `00` to `ff`. */
const HEX: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

// Random bytes are drawn in bulk: a call for every id costs more than the id.
const pool = new Uint8Array(6 * 1024);
let used = pool.length;

let lastMs = 0;
let prefix = "";
let counter = 0;
/** The counter has 26 bits; it starts in the lower half of its range. */
const COUNTER_END = 2 ** 26;

/**
 * Makes a UUID version 7: 48 bits of time, a counter of 26 bits that starts
 * at random each millisecond, 48 random bits. Ids of one process ascend as
 * text, also when its clock is set back.
 *
 * @param now epoch ms
 */
export function uuid7(now: number = Date.now()): string {
  if (now >= lastMs + 1) startMillisecond(Math.floor(now));
  else if (++counter === COUNTER_END) startMillisecond(lastMs + 1);
  const high = counter >>> 14;
  const low = counter & 0x3fff;
  const at = draw(6);
  return prefix + HEX[0x70 | (high >>> 8)] + HEX[high & 0xff] + "-" +
    HEX[0x80 | (low >>> 8)] + HEX[low & 0xff] + "-" +
    hex(at) + hex(at + 1) + hex(at + 2) +
    hex(at + 3) + hex(at + 4) + hex(at + 5);
}

/** A UUID whose last 12 digits can be counted up from 0 by any group. */
export function groupId(): string {
  const id = uuid7();
  return `${id.slice(0, 24)}${(Number.parseInt(id[24] ?? "0", 16) & 7)}${
    id.slice(25)
  }`;
}

/**
 * The id of a member of a group: it follows from the group's, so that a
 * hundred thousand of them need not be listed. Those of one group ascend.
 *
 * @param index its place, from 0
 */
export function memberId(group: string, index: number): string {
  const base = Number.parseInt(group.slice(24), 16);
  const tail = (base + index + 1).toString(16).padStart(12, "0");
  return group.slice(0, 24) + tail;
}

/** The id of a member of a group, of which some may have ids of their own. */
export function headerMember(
  { group, ids }: {
    readonly group: string;
    readonly ids?: Readonly<Record<string, string>> | undefined;
  },
  index: number,
): string {
  return ids?.[index] ?? memberId(group, index);
}

const UUID =
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-7][0-9a-f]{11}$/;

/**
 * The id of the member after the one of this id; `undefined` when it is none
 * that {@linkcode memberId} could have made.
 */
export function followingId(id: unknown): string | undefined {
  if (typeof id !== "string" || !UUID.test(id)) return undefined;
  return memberId(id, 0);
}

function hex(index: number): string {
  return HEX[pool[index] as number] as string;
}

function startMillisecond(ms: number): void {
  lastMs = ms;
  const text = ms.toString(16).padStart(12, "0");
  prefix = `${text.slice(0, 8)}-${text.slice(8)}-`;
  const at = draw(4);
  counter = 0;
  for (let index = at; index < at + 4; index++) {
    counter = (counter << 8 | pool[index] as number) >>> 0;
  }
  // Below half of its range.
  counter >>>= 7;
}

/** Where in the pool so many fresh random bytes begin. */
function draw(count: number): number {
  if (used + count > pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const at = used;
  used += count;
  return at;
}

/**
 * Whether a value will do as a task id: text of 1 to 255 characters, none of
 * them a control character or half a surrogate pair.
 */
export function isTaskId(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 &&
    value.length <= MAX_TASK_ID_LENGTH && !/\p{Cc}/u.test(value) &&
    value.isWellFormed();
}
