/**
 * Checks of what machines have to agree on: the time, and the version.
 *
 * @module
 */

import { list, span } from "../../words.ts";
import type { CheckContext } from "./context.ts";
import { type Finding, fine, problem, warning } from "./finding.ts";

/** Clocks that are further apart than this are told, in ms. */
const TOLERANCE = 1_000;

/**
 * Clocks are to agree: countdowns go by that of the worker that takes the
 * task, and whether a worker is alive by that of who looks.
 */
export function checkClocks({ running }: CheckContext): readonly Finding[] {
  const { clocks, lease } = running;
  const wrong = clocks.filter(({ ahead }) => Math.abs(ahead) > TOLERANCE);
  if (wrong.length === 0) {
    return [
      fine("clocks", "The clocks of workers and store agree with this one"),
    ];
  }
  return wrong.map(({ whose, ahead }) => {
    const isFar = Math.abs(ahead) > lease / 2;
    const detail =
      `The clock of ${whose} is ${span(Math.abs(ahead))} ${
        ahead > 0 ? "ahead of" : "behind"
      } this machine's` +
      (isFar
        ? ", more than half a lease: its tasks may be taken away while it runs them"
        : ": countdowns end that much too early or too late");
    return (isFar ? problem : warning)(
      "clocks",
      detail,
      "Let NTP set the clocks of all machines",
    );
  });
}

/** All workers are to run one version, once a deployment is through. */
export function checkVersions({ running }: CheckContext): readonly Finding[] {
  const { workers, version } = running;
  const others = workers.filter((worker) =>
    worker.alive && worker.version !== version
  );
  if (others.length === 0) {
    return [
      fine("versions", `All workers run Lovage ${version}, as this does`),
    ];
  }
  const each = others.map((worker) =>
    `${worker.name} runs ${worker.version ?? "a version that does not say"}`
  );
  return [warning(
    "versions",
    `Not everything runs Lovage ${version}: ${list(each)}`,
    "Finish the deployment: restart what runs the older version",
  )];
}
