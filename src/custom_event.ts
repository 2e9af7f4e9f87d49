/**
 * What a task may tell of itself to those who watch.
 *
 * @module
 */

import { ConfigError } from "./errors.ts";
import { OWN_EVENTS } from "./events.ts";
import { assertPlain } from "./message/json_refusal.ts";
import { isObject, show } from "./options.ts";

const EVENT_TYPE = /^[a-z][a-z0-9-]{0,99}$/i;
const LONGEST_EVENT = 10_000;

/**
 * Refuses an event that will not do.
 *
 * @throws {ConfigError} for a type or fields that will not do
 * @throws {EncodeError} for fields that are not plain JSON
 */
export function checkCustomEvent(
  task: string,
  type: unknown,
  fields: unknown,
): void {
  const what = `sendEvent() of task "${task}"`;
  if (typeof type !== "string" || !EVENT_TYPE.test(type)) {
    throw new ConfigError(
      `${what} takes what happened as letters, digits and "-", such as "task-progress", but was given ${
        show(type)
      }`,
    );
  }
  if (OWN_EVENTS.has(type)) {
    throw new ConfigError(
      `${what} was given "${type}", which Lovage itself tells: choose another name`,
    );
  }
  const wanted = isObject(fields);
  if (wanted !== null) {
    throw new ConfigError(
      `${what} takes ${wanted}, but was given ${show(fields)}`,
    );
  }
  assertPlain(fields, "fields");
  const { length } = JSON.stringify(fields);
  if (length <= LONGEST_EVENT) return;
  throw new ConfigError(
    `${what} takes fields of up to ${LONGEST_EVENT} characters as JSON, but was given ${length}: store what is long and tell where it is`,
  );
}
