/**
 * Bars that stand on each other.
 *
 * @module
 */

import uPlot from "uplot";

/**
 * The tops of the layers. The highest layer is drawn first, so that each lower
 * one covers what is below it.
 */
export function stack(
  layers: readonly (readonly (number | null)[])[],
): (number | null)[][] {
  const sums: number[] = [];
  return layers.map((layer) =>
    layer.map((value, at) => {
      sums[at] = (sums[at] ?? 0) + (value ?? 0);
      return sums[at] ?? 0;
    })
  );
}

/** Draws bars with a little air between them. */
export function barPaths(): uPlot.Series.PathBuilder {
  const bars = uPlot.paths.bars;
  if (bars === undefined) throw new TypeError("uPlot has no bars");
  return bars({ size: [0.72, 24, 1], align: 0 });
}
