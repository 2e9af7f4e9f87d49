/**
 * What every measure is given.
 *
 * @module
 */

import type { Contestant } from "../contestants/contestant.ts";
import type { Samples } from "../samples.ts";
import type { BenchServer } from "../servers.ts";

/** One contestant in one round. */
export interface Turn {
  readonly contestant: Contestant;
  readonly server: BenchServer;
  /** Scales a count: down in a quick run. */
  scale(count: number): number;
  /** Notes a figure. */
  note(measure: string, value: number, contestant?: string): void;
}

/** Makes the turn of a contestant. */
export function turnOf(
  contestant: Contestant,
  server: BenchServer,
  { samples, round, quick }: {
    readonly samples: Samples;
    readonly round: number;
    readonly quick: boolean;
  },
): Turn {
  return {
    contestant,
    server,
    scale: (count) => quick ? Math.max(Math.ceil(count / 20), 50) : count,
    note(measure, value, name = contestant.name) {
      // A quick run can be over between two reports of a worker.
      if (!Number.isFinite(value)) return;
      const { store } = server;
      samples.note({ store, measure, contestant: name }, round, value);
    },
  };
}
