/**
 * Canvases of any size, and what they cost the compiler: the test bounds it,
 * the bench prints it.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { compile } from "./compiler.ts";

const repeat = (count: number, part: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => part(at)).join(", ");

const level = (depth: number): string =>
  depth === 0
    ? "add.s(1, 2)"
    : `group([${
      level(depth - 1)
    }, chord([add.s(1, 2)], group([sum.s(), chain(sum.s(), print.s())]))])`;

/** Code for canvases of a size, by what there is so many of. */
export const SHAPES: Readonly<Record<string, (size: number) => string>> = {
  "steps of a chain": (size) =>
    `chain(add.s(1, 2), ${
      repeat(size - 1, (at) => at % 2 === 0 ? "print.s()" : "parse.s()")
    }).delay();`,
  "members of a group": (size) =>
    `group([${
      repeat(size, (at) => at % 2 === 0 ? "print.s(1)" : "add.s(1, 2)")
    }]).delay();`,
  "members of a chord": (size) =>
    `chord([${repeat(size, () => "add.s(1, 2)")}], sum.s()).delay();`,
  // Each level gives a type of its own, so that none is known before.
  "levels of nested canvases": (size) => `${level(size)}.delay();`,
};

const base = compile("").instantiations;

/** How many types the compiler makes for it, beyond those of the tasks. */
export function cost(code: string): number {
  const { instantiations, messages } = compile(code);
  assertEquals(messages, []);
  return instantiations - base;
}
