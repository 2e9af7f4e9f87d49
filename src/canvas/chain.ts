/**
 * Chains: each step takes the result of the one before.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import type { ChainJson } from "../message/canvas_json.ts";
import type { AsyncResult } from "../producer/async_result.ts";
import type { CallOptions } from "../producer/call_options.ts";
import { Canvas, checkParts, splitOptions } from "./canvas.ts";
import type {
  AnyPart,
  CommonNeeds,
  HandleOf,
  Last,
  Linked,
  ReturnOf,
} from "./types.ts";

/** Steps of which each takes the result of the one before. */
export class Chain<
  Needs extends readonly unknown[] = [],
  R = unknown,
  H = AsyncResult<R>,
> extends Canvas<Needs, R, H> {
  /** Its steps, in their order. */
  readonly steps: readonly AnyPart[];

  /** Use {@linkcode chain}. */
  constructor(steps: readonly AnyPart[]) {
    checkParts("chain", steps);
    if (steps.length === 0) {
      throw new ConfigError("A chain needs at least one step: it has none");
    }
    super(steps);
    this.steps = steps;
  }

  /** The same with options, which those of its steps override. */
  override withDefaults(options: CallOptions): this {
    const { first, last, all } = splitOptions(options);
    const end = this.steps.length - 1;
    const steps = this.steps.map((step, at) =>
      step.withDefaults({
        ...all,
        ...(at === 0 ? first : {}),
        ...(at === end ? last : {}),
      })
    );
    return new Chain<Needs, R, H>(steps) as this;
  }

  /** Plain data, from which `app.canvas()` makes it again. */
  override toJSON(): ChainJson {
    return { chain: this.steps.map((step) => step.toJSON()) };
  }
}

/**
 * Puts steps one after the other. A group in it is followed by a step that
 * takes the list of its results: the two are a chord. A chain of one is that
 * step.
 *
 * @example
 * ```ts ignore
 * const result = await chain(parse.s("a.csv"), score.s(), report.s(10)).delay();
 * await result.get();
 * ```
 * @throws {ConfigError} for what is no signature or canvas
 */
export function chain<Steps extends readonly AnyPart[]>(
  // A condition, so that the compiler points at the step that is wrong.
  ...steps: Steps extends Linked<Steps> ? Steps : Linked<Steps>
): Chain<
  CommonNeeds<[Steps[0]]>,
  ReturnOf<Last<Steps>>,
  HandleOf<Last<Steps>>
> {
  return new Chain(steps);
}
