/**
 * Reservations of several steps: of one server after the other, or of what
 * has limits and then of the rest.
 *
 * @module
 */

import type { ReserveRequest } from "../../src/contracts/mod.ts";

/**
 * Takes one step, whatever comes of it if some before it have leased: what a
 * consumer that lives is never told of, it holds for ever. It hears of the
 * error beside them.
 *
 * @param taken how many the steps before it have leased
 * @param nothing what a step answers that leases none
 */
export async function further<T>(
  { failed }: ReserveRequest,
  taken: number,
  step: () => Promise<T>,
  nothing: T,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (taken === 0) throw error;
    failed?.(error);
    return nothing;
  }
}
