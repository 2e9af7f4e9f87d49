/**
 * Puts the parts of a dashboard together.
 *
 * @module
 */

import type { Lovage } from "../app.ts";
import { internalsOf } from "../internals.ts";
import type { DashboardContext } from "./context.ts";
import { createData } from "./data/data.ts";
import type { ResolvedOptions } from "./options.ts";
import { Trouble } from "./trouble.ts";

/** The parts of the dashboard of an app. Nothing is connected yet. */
export function makeContext(
  app: Lovage,
  options: ResolvedOptions,
): DashboardContext {
  const internals = internalsOf(app);
  const clock = internals.clock();
  const base = {
    app,
    internals,
    options,
    closing: new Closing(),
    trouble: new Trouble(),
    stores: async () =>
      internals.stores.opened ?? await internals.stores.open(),
    now: () => clock.now(),
    url: (path: string) => `${options.urlPrefix}${path}`,
  };
  return { ...base, data: createData(base) };
}

/** What ends with the dashboard. */
class Closing {
  readonly #ends = new Set<() => void | Promise<void>>();

  add(end: () => void | Promise<void>): () => void {
    this.#ends.add(end);
    return () => this.#ends.delete(end);
  }

  async close(): Promise<void> {
    const ends = [...this.#ends];
    this.#ends.clear();
    await Promise.all(ends.map((end) => end()));
  }
}
