/**
 * The value that the builders return.
 *
 * @module
 */

import { checkOptions } from "../../options.ts";
import type { Checks } from "../../options.ts";
import { ScheduleError } from "../../errors.ts";
import type { ScheduleJson, ScheduleKind, ScheduleSpec } from "./schedule.ts";

/** Makes the value of a schedule from what has been checked. */
export function specOf(json: ScheduleJson, description: string): ScheduleSpec {
  return new Spec(json, description);
}

class Spec implements ScheduleSpec {
  readonly kind: ScheduleKind;
  readonly timezone: string | null;
  readonly #json: ScheduleJson;
  readonly #description: string;

  constructor(json: ScheduleJson, description: string) {
    this.kind = json.kind;
    this.timezone = "timezone" in json ? json.timezone : null;
    this.#json = Object.freeze(json);
    this.#description = description;
    Object.freeze(this);
  }

  toJSON(): ScheduleJson {
    return this.#json;
  }

  describe(): string {
    return this.#description;
  }
}

/**
 * Refuses unknown names and wrong types among a builder's options.
 *
 * @param what whose options they are: `crontab()`
 * @throws {ScheduleError} for the first one that will not do
 */
export function checkBuilder<T extends object>(
  what: string,
  given: T,
  checks: Checks<T>,
): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new ScheduleError(`The options of ${what} must be an object`);
  }
  try {
    checkOptions(what, given, checks);
  } catch (error) {
    throw new ScheduleError((error as Error).message);
  }
}
