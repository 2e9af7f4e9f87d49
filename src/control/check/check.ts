/**
 * The checklist for production, run against what is there.
 *
 * @module
 */

import type { Internals } from "../../internals.ts";
import { checkBeat } from "./beat.ts";
import { checkClusterLimits } from "./cluster_limits.ts";
import type { CheckContext } from "./context.ts";
import { checkDeadLetters } from "./dead_letters.ts";
import { checkClocks, checkVersions } from "./fleet.ts";
import type { Check, CheckReport } from "./finding.ts";
import { checkLimits } from "./limits.ts";
import { lookAround } from "./look_around.ts";
import { checkQueues } from "./queues.ts";
import { checkRetries } from "./retries.ts";
import { checkEager, checkExpiry, checkSerializer } from "./settings.ts";
import { checkStores } from "./stores.ts";
import { checkWorkers } from "./workers.ts";

/** All checks, in the order in which their findings are told. */
export const CHECKS: readonly Check<CheckContext>[] = [
  checkEager,
  checkExpiry,
  checkSerializer,
  checkLimits,
  checkClusterLimits,
  checkRetries,
  checkStores,
  checkWorkers,
  checkQueues,
  checkDeadLetters,
  checkBeat,
  checkClocks,
  checkVersions,
];

/** How to check. */
export interface CheckOptions {
  /**
   * Whether the app is only there for its stores, so that its settings and
   * tasks say nothing.
   *
   * @default {false}
   */
  readonly storesOnly?: boolean | undefined;
}

/**
 * Goes through the checklist.
 *
 * @throws {StoreError} when a store does not answer
 */
export async function check(
  app: Internals,
  { storesOnly = false }: CheckOptions = {},
): Promise<CheckReport> {
  return findAll(await lookAround(app, storesOnly));
}

/** What all checks find in a context. */
export function findAll(context: CheckContext): CheckReport {
  const findings = CHECKS.flatMap((each) => each(context));
  return { ok: findings.every(({ level }) => level !== "problem"), findings };
}
