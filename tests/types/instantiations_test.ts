/**
 * What canvases cost the compiler. An editor does all of it again while one
 * types, so each further part must cost little, and as much as the one before.
 */

import { assertLess } from "@std/assert";
import { cost, SHAPES } from "./shapes.ts";

/** Instantiations for the first canvas of a file, with all it is made of. */
const FIRST = 8_000;
/** Instantiations for a further part: one, or a level with all that is in it. */
const FURTHER = { part: 100, level: 400 } as const;

for (const [what, shape] of Object.entries(SHAPES)) {
  Deno.test(`the compiler has little to do for further ${what}`, () => {
    const further = what.startsWith("levels") ? FURTHER.level : FURTHER.part;
    const [two = 0, eight = 0, sixteen = 0, many = 0] = [2, 8, 16, 60].map((
      size,
    ) => cost(shape(size)));
    assertLess(two, FIRST);
    assertLess((sixteen - eight) / 8, further);
    // What grew with the square of the size would show here.
    assertLess((many - sixteen) / 44, further);
  });
}
