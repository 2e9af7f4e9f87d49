/**
 * Chords: a group, and a body that takes the list of its results.
 *
 * @module
 */

import type { ChordJson } from "../message/canvas_json.ts";
import type { AsyncResult } from "../producer/async_result.ts";
import type { CallOptions } from "../producer/call_options.ts";
import { Canvas, checkPart, checkParts, splitOptions } from "./canvas.ts";
import { Group } from "./group.ts";
import type {
  AnyGroup,
  AnyPart,
  Fits,
  HandleOf,
  HeaderNeeds,
  HeaderReturns,
  ReturnOf,
} from "./types.ts";

/** A group and what runs with the list of its results. */
export class Chord<
  Needs extends readonly unknown[] = [],
  R = unknown,
  H = AsyncResult<R>,
> extends Canvas<Needs, R, H> {
  /** The members of the group. */
  readonly header: readonly AnyPart[];
  /** What runs after them. */
  readonly body: AnyPart;

  /** Use {@linkcode chord}. */
  constructor(header: readonly AnyPart[], body: AnyPart) {
    checkParts("chord's header", header);
    checkPart("The body of a chord", body);
    super([...header, body]);
    this.header = header;
    this.body = body;
  }

  /** The same with options, which those of its tasks override. */
  override withDefaults(options: CallOptions): this {
    const { first, last, all } = splitOptions(options);
    return new Chord<Needs, R, H>(
      this.header.map((each) => each.withDefaults({ ...all, ...first })),
      this.body.withDefaults({ ...all, ...last }),
    ) as this;
  }

  /** Plain data, from which `app.canvas()` makes it again. */
  override toJSON(): ChordJson {
    return {
      chord: this.header.map((each) => each.toJSON()),
      body: this.body.toJSON(),
    };
  }
}

/**
 * Runs a body once all members of a group have succeeded, with the list of
 * their results in their order. If one fails, the body fails with
 * `ChordError`, and the others run to their end.
 *
 * @param header the members, in a list or a group
 * @throws {ConfigError} for what is no signature or canvas
 */
export function chord<
  const Header extends readonly AnyPart[] | AnyGroup,
  B extends AnyPart,
>(
  header: Header,
  body: Fits<B, HeaderReturns<Header>>,
): Chord<HeaderNeeds<Header>, ReturnOf<B>, HandleOf<B>> {
  return new Chord(header instanceof Group ? header.members : header, body);
}
