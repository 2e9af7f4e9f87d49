/**
 * Checks of the workers.
 *
 * @module
 */

import { count, list, span } from "../../words.ts";
import type { CheckContext } from "./context.ts";
import type { KnownWorker } from "../explain/workers.ts";
import { type Finding, fine, problem, warning } from "./finding.ts";

/** Workers are to be there, and to answer. */
export function checkWorkers({ running }: CheckContext): readonly Finding[] {
  const { workers, silent } = running;
  const alive = workers.filter((worker) => worker.alive);
  const lost = workers.filter((worker) => !worker.alive);
  const found: Finding[] = lost.map(({ name, silent: ms, held }) =>
    warning(
      "workers",
      `Worker ${name} was not heard of for ${
        span(ms)
      }, and has not taken its leave` +
        (held === 0 ? "" : `; it holds ${count(held, "task")}`),
      "Look at its machine; others take its tasks over",
    )
  );
  if (silent.length > 0) {
    found.push(warning(
      "workers",
      `${
        list(silent)
      } did not answer within a second, though the store knows them as alive`,
      "Look at their logs: the bus of the store does not reach them, or their event loop is blocked",
    ));
  }
  found.push(...namesakes(alive));
  if (alive.length === 0) {
    found.push(problem("workers", "No worker is alive", "lovage worker"));
  } else if (found.length === 0) {
    found.push(fine(
      "workers",
      alive.length === 1
        ? "1 worker is alive, and answers"
        : `${alive.length} workers are alive, and answer`,
    ));
  }
  return found;
}

/** What is asked of a name reaches all who have it, and one answer is shown. */
function namesakes(alive: readonly KnownWorker[]): readonly Finding[] {
  const byName = Map.groupBy(alive, ({ name }) => name);
  return [...byName].filter(([, all]) => all.length > 1).map(([name, all]) =>
    warning(
      "workers",
      `${all.length} workers are called ${name}: inspect and control cannot tell them apart`,
      "Give each a name of its own: lovage worker -n web@%h; one that was killed is forgotten when its lease is over",
    )
  );
}
