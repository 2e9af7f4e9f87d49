/**
 * How messages and records are written down. One line per field, so that Lua
 * reads what it needs by one pattern and the rest passes through it as it is:
 *
 * - entry, in `tasks` by id: base, index (their sum is the number of arrival;
 *   the base is empty where the id says when it arrived, and the index is then
 *   the number of the bundle that it came in, or 0), task, queue,
 *   priority, eta with the limits and the unique key of the few that have some
 *   (`conditions.ts`), and the body as the last field;
 * - record, in `records:<time>` by id: base, index, 1 if it ended, state, task,
 *   worker, updatedAt, expiresAt, length of the value, length of the error,
 *   and value, error and meta without anything between them;
 * - body, in `group-bodies` by the id of the group: the id of the message, and
 *   its entry without a base.
 *
 * The server puts the base in front, a number that it gives to the batch; the
 * client writes everything else.
 *
 * @module
 */

import type { Message, ResultRecord } from "../../src/contracts/mod.ts";
import { StoreError } from "../../src/errors.ts";
import { packConditions, unpackConditions } from "./conditions.ts";

/** A name as one line. */
export function escapeLine(text: string): string {
  if (!text.includes("\n") && !text.includes("\\")) return text;
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

/** The name in a line. */
export function unescapeLine(line: string): string {
  if (!line.includes("\\")) return line;
  return line.replace(/\\(.)/g, (_, char) => char === "n" ? "\n" : char);
}

/** Whether Redis gives back all names of a message. */
export function hasSoundNames({ id, task, queue }: Message): boolean {
  return (id + task + queue).isWellFormed();
}

/** Throws if a message has a name that Redis would not give back. */
export function checkNames(message: Message): void {
  // One look for the usual case of none.
  if (hasSoundNames(message)) return;
  const { id, task, queue } = message;
  checkName("id", id);
  checkName("task", task);
  checkName("queue", queue);
}

/** Throws if Redis would not give this name back. */
export function checkName(kind: string, text: string): void {
  if (text.isWellFormed()) return;
  throw new StoreError(
    `The ${kind} ${JSON.stringify(text)} holds half a surrogate pair, ` +
      `which Redis cannot keep: take another ${kind}`,
  );
}

/** The level that a priority is served on, 0 to 9. */
export function levelOf(priority: number): number {
  if (priority >= 0 && priority <= 9) return Math.floor(priority);
  return priority < 0 ? 0 : 9;
}

/**
 * The entry of a message whose id says when it arrived.
 *
 * @param bundle the number of the bundle that it comes in, or 0
 */
export function packFresh(message: Message, bundle: number): string {
  return `\n${bundle}\n${packMessage(message)}`;
}

/** An entry without its base and its index. */
export function packMessage(message: Message): string {
  const { task, queue, priority, eta, body } = message;
  return `${escapeLine(task)}\n${escapeLine(queue)}\n${priority}\n${eta ?? ""}${
    packConditions(message)
  }\n${body}`;
}

/**
 * The message in an entry. One that is no entry becomes a message whose body
 * is the text that was found, so that somebody can say what is wrong with it.
 */
export function unpackMessage(
  line: string,
  entry: string,
  queue = "",
): Message {
  const id = unescapeLine(line);
  const ends: number[] = [];
  for (let at = -1; ends.length < 6; ends.push(at)) {
    at = entry.indexOf("\n", at + 1);
    if (at === -1) {
      return {
        id,
        task: "",
        queue,
        priority: 9,
        eta: null,
        body: entry,
      };
    }
  }
  const [, b = 0, c = 0, d = 0, e = 0, f = 0] = ends;
  const rest = e + 1 === f ? "" : entry.slice(e + 1, f);
  const tab = rest.indexOf("\t");
  const eta = tab === -1 ? rest : rest.slice(0, tab);
  const message = {
    id,
    task: unescapeLine(entry.slice(b + 1, c)),
    queue: unescapeLine(entry.slice(c + 1, d)),
    priority: finite(entry.slice(d + 1, e), 9),
    eta: eta === "" ? null : finite(eta, null),
    body: entry.slice(f + 1),
  };
  if (tab === -1) return message;
  return { ...message, ...unpackConditions(rest.slice(tab + 1)) };
}

/** A record without its base and its index. */
export function packRecord(record: ResultRecord): string {
  const { state, ended, task, worker, updatedAt, expiresAt } = record;
  const { value, error, meta } = record;
  return `${ended ? 1 : 0}\n${escapeLine(state)}\n${escapeLine(task)}\n${
    worker === null ? "\\0" : escapeLine(worker)
  }\n${updatedAt}\n${expiresAt ?? ""}\n${value?.length ?? -1}\n${
    error?.length ?? -1
  }\n${value ?? ""}${error ?? ""}${meta}`;
}

/**
 * The hash in which the record of an id is, without the prefix: the scripts
 * find it by the same rule, `hash_of`.
 */
export function hashOf(line: string): string {
  const [, time = ""] = /^([\da-fA-F]{8})-[\da-fA-F]{4}-7/.exec(line) ?? [];
  return `records:${time}`;
}

/** The record in a text; one that is none becomes a failure that says so. */
export function unpackRecord(line: string, text: string): ResultRecord {
  const id = unescapeLine(line);
  const fields: string[] = [];
  let at = 0;
  while (fields.length < 10) {
    const end = text.indexOf("\n", at);
    if (end === -1) return unreadable(id, text);
    fields.push(text.slice(at, end));
    at = end + 1;
  }
  const [, , ended, state = "", task = "", worker = ""] = fields;
  const valueEnd = at + Math.max(0, finite(fields[8], 0));
  const errorEnd = valueEnd + Math.max(0, finite(fields[9], 0));
  return {
    id,
    state: unescapeLine(state),
    ended: ended === "1",
    task: unescapeLine(task),
    worker: worker === "\\0" ? null : unescapeLine(worker),
    updatedAt: finite(fields[6], 0),
    expiresAt: fields[7] === "" ? null : finite(fields[7], null),
    value: fields[8] === "-1" ? null : text.slice(at, valueEnd),
    error: fields[9] === "-1" ? null : text.slice(valueEnd, errorEnd),
    meta: text.slice(errorEnd),
  };
}

function unreadable(id: string, text: string): ResultRecord {
  const message = `The record in Redis cannot be read: ${text.slice(0, 100)}`;
  return {
    ...{ id, state: "FAILURE", ended: true, task: "", worker: null },
    ...{ updatedAt: 0, expiresAt: null, value: null, meta: "{}" },
    error: JSON.stringify({ name: "DecodeError", message }),
  };
}

function finite<T>(text: string | undefined, otherwise: T): number | T {
  const value = Number(text);
  return text !== "" && Number.isFinite(value) ? value : otherwise;
}
