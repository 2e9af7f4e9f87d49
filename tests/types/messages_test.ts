/**
 * What a user reads where a canvas does not compile: at the part that is
 * wrong, what it takes and what it gets.
 */

import { assertEquals, assertMatch } from "@std/assert";
import { compile } from "./compiler.ts";

/** The only message of the code: where it points, and its first line. */
function message(code: string): string {
  const { messages } = compile(code);
  assertEquals(messages.length, 1, messages.join("\n"));
  return (messages[0] ?? "").replace(/\n.*/s, "");
}

/** Code with an error, and what is said of it. */
const WRONG: Readonly<Record<string, readonly [code: string, says: string]>> = {
  "a step that does not take what comes before it": [
    "chain(add.s(1, 2), print.s(), print.s(), parse.s());",
    "print.s(): Argument of type 'Signature<[number], string>' is not assignable to parameter of type 'DoesNotFit<{ takes: number; gets: string; }>'.",
  ],
  "a step that has all of its arguments": [
    "chain(add.s(1, 2), print.s(4));",
    "print.s(4): Argument of type 'Signature<readonly [], string>' is not assignable to parameter of type 'DoesNotFit<{ takes: []; gets: number; }>'.",
  ],
  "the body of a chord": [
    "chord([add.s(1, 2), print.s(3)], sum.s());",
    "sum.s(): Argument of type 'Signature<[readonly number[]], number>' is not assignable to parameter of type 'DoesNotFit<{ takes: readonly number[]; gets: [number, string]; }>'.",
  ],
  "the body of a chord over a group": [
    "chord(group([1, 2].map((n) => print.s(n))), sum.s());",
    "sum.s(): Argument of type 'Signature<[readonly number[]], number>' is not assignable to parameter of type 'DoesNotFit<{ takes: readonly number[]; gets: string[]; }>'.",
  ],
  "a step after a group": [
    "chain(group([add.s(1, 2), print.s(3)]), count.s());",
    "count.s(): Argument of type 'Signature<[readonly string[]], number>' is not assignable to parameter of type 'DoesNotFit<{ takes: readonly string[]; gets: [number, string]; }>'.",
  ],
  "a canvas as a step": [
    "chain(add.s(1, 2), chain(parse.s(), print.s()));",
    "chain(parse.s(), print.s()): Argument of type 'Chain<[string], string, AsyncResult<string>>' is not assignable to parameter of type 'DoesNotFit<{ takes: string; gets: number; }>'.",
  ],
  "several missing arguments": [
    "chain(add.s(1, 2), add.s());",
    "add.s(): Argument of type 'Signature<[a: number, b: number], number>' is not assignable to parameter of type 'DoesNotFit<{ takes: [a: number, b: number]; gets: number; }>'.",
  ],
  "a list of steps": [
    "chain(print.s(1), ...[1, 2].map((n) => add.s(n)));",
    "...[1, 2].map((n) => add.s(n)): Argument of type 'Signature<[number], number>' is not assignable to parameter of type 'DoesNotFit<{ takes: number; gets: string | number; }>'.",
  ],
  "an argument that a chain still needs": [
    'chain(print.s(), parse.s()).delay("a");',
    "\"a\": Argument of type 'string' is not assignable to parameter of type 'number'.",
  ],
  "a missing argument": [
    "chain(print.s(), parse.s()).delay();",
    "delay: Expected 1 arguments, but got 0.",
  ],
  "an item for map()": [
    'map(print, [1, "a"]);',
    "\"a\": Type 'string' is not assignable to type 'number'.",
  ],
  "a task for map() that takes more": [
    "map(add, [1]);",
    "1: Type 'number' is not assignable to type 'DoesNotFit<{ takes: [a: number, b: number]; gets: [number]; }>'.",
  ],
  "a task in place of a signature": [
    "chain(add.s(1, 2), print);",
    "print: Argument of type 'Task<[value: number], string>' is not assignable to parameter of type 'AnyPart'.",
  ],
  "a chain of nothing": ["chain();", "chain: Expected 1 arguments, but got 0."],
};

for (const [what, [code, says]] of Object.entries(WRONG)) {
  Deno.test(`the compiler says at the right place what is wrong with ${what}`, () => {
    assertEquals(message(code), says);
  });
}

Deno.test("what an editor shows of a canvas names types, not how they are made", () => {
  const shown = message(
    "const n: number = chain(print.s(), group([parse.s(), count.si([])]));",
  );
  assertMatch(
    shown,
    /'Chain<\[number\], \[number, number\], GroupResult<\[number, number\]>>'/,
  );
});
