/**
 * Groups: members that run side by side.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import type { GroupJson } from "../message/canvas_json.ts";
import { type Duration, parseDuration } from "../message/time.ts";
import type { CallOptions } from "../producer/call_options.ts";
import type { GroupResult } from "../producer/group_result.ts";
import { Canvas, checkParts } from "./canvas.ts";
import type { AnyPart, CommonNeeds, ReturnsOf, ValuesOf } from "./types.ts";

/** Members that run side by side. */
export class Group<
  Needs extends readonly unknown[] = [],
  R = unknown,
  H = GroupResult<R>,
> extends Canvas<Needs, R, H> {
  /** Its members, in the order of the results. */
  readonly members: readonly AnyPart[];

  /** Use {@linkcode group}. */
  constructor(members: readonly AnyPart[]) {
    checkParts("group", members);
    super(members);
    this.members = members;
  }

  /**
   * The same, with members that run one after the other begins: each so much
   * later than the one before.
   *
   * @param start the countdown of the first
   * @param stop where countdowns begin anew; never by default
   * @param step how much later the next one is
   */
  skew(
    { start = 0, stop, step = 1 }: {
      readonly start?: Duration;
      readonly stop?: Duration;
      readonly step?: Duration;
    } = {},
  ): this {
    const from = parseDuration(start, "start of skew()");
    const by = parseDuration(step, "step of skew()");
    const span = stop === undefined
      ? Infinity
      : parseDuration(stop, "stop of skew()") - from;
    if (span <= 0) throw new ConfigError("skew() must stop after its start");
    const members = this.members.map((member, at) =>
      member.withDefaults({ countdown: `${from + (at * by) % span}ms` })
    );
    return new Group<Needs, R, H>(members) as this;
  }

  /** The same with options, which those of its members override. */
  override withDefaults(options: CallOptions): this {
    for (const name of ["link", "taskId"] as const) {
      if (options[name] === undefined) continue;
      throw new ConfigError(
        `A group has no task of its own that the option "${name}" could be of: put a task after it, chain(group, task), or give it to its members`,
      );
    }
    const members = this.members.map((each) => each.withDefaults(options));
    return new Group<Needs, R, H>(members) as this;
  }

  /** Plain data, from which `app.canvas()` makes it again. */
  override toJSON(): GroupJson {
    return { group: this.members.map((member) => member.toJSON()) };
  }
}

/**
 * Puts members side by side. All take the same arguments, if any are missing.
 *
 * @throws {ConfigError} for what is no signature or canvas
 */
export function group<const Members extends readonly AnyPart[]>(
  members: Members,
): Group<
  CommonNeeds<Members>,
  ReturnsOf<Members>,
  GroupResult<ValuesOf<Members>>
> {
  return new Group(members);
}
