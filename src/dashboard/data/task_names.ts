/**
 * The names of tasks that are known, for completion.
 *
 * @module
 */

import { readSeries } from "../../control/counted.ts";
import type { Internals } from "../../internals.ts";
import type { OpenStores } from "../../producer/stores.ts";

const MOST = 1_000;

/** Those of the app's code, and those that workers have ended. */
export async function listTaskNames(
  app: Internals,
  { broker }: OpenStores,
): Promise<readonly string[]> {
  const totals = await broker.history.read({ step: 0, from: 0, to: 1 });
  const names = new Set([
    ...app.tasks.keys(),
    ...totals.flatMap(({ series }) => readSeries(series)?.task ?? []),
  ]);
  return [...names].filter((name) => !name.startsWith("lovage."))
    .sort().slice(0, MOST);
}
