/**
 * Random canvases.
 *
 * @module
 */

import fc from "fast-check";
import { type Does, partsOf, type Shape, type TaskShape } from "./reference.ts";

const DEPTH = 4;
/** How many tasks a canvas has, without its callbacks; few break little. */
const TASKS = { least: 4, most: 12 };

const does = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Does>("succeeds") },
  { weight: 2, arbitrary: fc.constant<Does>("fails") },
  { weight: 1, arbitrary: fc.constant<Does>("retries") },
);

// Names are given once it is known what the whole looks like.
const callbacks = (name: string): fc.Arbitrary<readonly TaskShape[]> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.constant([{ task: name, does: "succeeds" as const }]),
    },
  );

const task: fc.Arbitrary<TaskShape> = fc.record({
  task: fc.constant("task"),
  does,
  immutable: fc.oneof(
    { weight: 6, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  link: callbacks("link"),
  linkError: callbacks("errback"),
});

// Fewer than the tasks of a tree allow, so that it is deep rather than wide.
const MEMBERS = 3;

const { canvas } = fc.letrec<{ shape: Shape; canvas: Shape }>((tie) => {
  const members = fc.array(tie("shape"), { maxLength: MEMBERS });
  const steps = fc.array(tie("shape"), { minLength: 1, maxLength: MEMBERS });
  const linkError = callbacks("errback");
  return {
    shape: fc.oneof(
      { maxDepth: DEPTH, depthSize: "max", withCrossShrink: true },
      task,
      tie("canvas"),
    ),
    canvas: fc.oneof(
      fc.record({ chain: steps, linkError }),
      fc.record({ group: members }),
      fc.record({ chord: members, body: tie("shape"), linkError }),
    ),
  };
});

/** Canvases of 4 to 12 tasks, in up to 4 levels, of which some fail. */
export const shapes: fc.Arbitrary<Shape> = canvas
  .filter(hasEnough)
  .map((shape) => named(shape, { count: 0 }));

function hasEnough(shape: Shape): boolean {
  const count = countTasks(shape);
  return TASKS.least <= count && count <= TASKS.most;
}

function countTasks(shape: Shape): number {
  return "task" in shape
    ? 1
    : partsOf(shape).reduce((sum, each) => sum + countTasks(each), 0);
}

/** The same, with a name of its own for every task. */
function named(shape: Shape, numbers: { count: number }): Shape {
  const one = (each: TaskShape): TaskShape => ({
    ...each,
    task: `${each.task}${++numbers.count}`,
  });
  const each = (part: Shape) => named(part, numbers);
  const links = {
    ...(shape.link === undefined ? {} : { link: shape.link.map(one) }),
    ...(shape.linkError === undefined
      ? {}
      : { linkError: shape.linkError.map(one) }),
  };
  if ("task" in shape) return { ...one(shape), ...links };
  if ("chain" in shape) return { ...links, chain: shape.chain.map(each) };
  if ("group" in shape) return { ...links, group: shape.group.map(each) };
  return { ...links, chord: shape.chord.map(each), body: each(shape.body) };
}
