/**
 * The later steps of a chain that has failed. The first of them arrives as a
 * message that is marked as failed; those after it end with it, so that a long
 * chain does not fail link by link.
 *
 * @module
 */

import { unfold, type UnfoldContext } from "../canvas/unfold.ts";
import type { Internals } from "../internals.ts";
import type { Envelope } from "../message/envelope.ts";
import { checkEnvelope } from "../message/envelope_check.ts";
import { withNextSteps } from "../message/later_steps.ts";

/** The most steps that fail together. */
const MOST = 500;

/**
 * The steps after one that has failed, in their order, as far as they are
 * single tasks.
 *
 * @param context what they fail with
 */
export function failDownstream(
  app: Internals,
  first: Envelope,
  context: UnfoldContext,
): readonly Envelope[] {
  const failed: Envelope[] = [];
  while (failed.length < MOST) {
    const before = failed.at(-1) ?? first;
    const step = stepAfter(app, before, context);
    if (step === undefined) break;
    failed.push(step);
  }
  return failed;
}

/** The step after another, with what comes after it at hand. */
function stepAfter(
  app: Internals,
  before: Envelope,
  context: UnfoldContext,
): Envelope | undefined {
  const { chain: [next, ...rest] = [], later } = before;
  if (next === undefined) return undefined;
  const { group, groupIndex, chord } = before;
  const then = { chain: rest, later, group, groupIndex, chord };
  try {
    const { envelopes, plans } = unfold(
      app,
      next,
      { ...context, parent: before },
      then,
    );
    const [step] = envelopes;
    if (step === undefined || envelopes.length > 1 || plans.length > 0) {
      return undefined;
    }
    return withStepsAtHand(step);
  } catch {
    // It is no step that could be told of here.
    return undefined;
  }
}

function withStepsAtHand(step: Envelope): Envelope {
  const { id, chain = [], later } = step;
  if (later === undefined) return step;
  const rest = withNextSteps(id, chain, later);
  checkEnvelope({ ...step, chain: rest.chain });
  return { ...step, ...rest } as Envelope;
}
