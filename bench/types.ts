/**
 * Prints what canvases cost the compiler: how many types it makes of generic
 * ones, for canvases of some sizes.
 *
 * @module
 */

import { cost, SHAPES } from "../tests/types/shapes.ts";

const SIZES = [2, 8, 16, 60];

for (const [what, shape] of Object.entries(SHAPES)) {
  const costs = SIZES.map((size) => cost(shape(size)));
  const [, eight = 0, sixteen = 0, many = 0] = costs;
  console.log(
    `${SIZES.join(", ")} ${what}: ${costs.join(", ")} instantiations; ${
      ((sixteen - eight) / 8).toFixed(1)
    } for each from 8 to 16, ${
      ((many - sixteen) / 44).toFixed(1)
    } from 16 to 60`,
  );
}
