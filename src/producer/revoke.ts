/**
 * Revoking: stored in the broker, so that it holds whatever restarts; the bus
 * only makes it quick.
 *
 * @module
 */

import type { CancelOutcome } from "../contracts/broker.ts";
import type { LiveTask } from "../contracts/inspector.ts";
import type { ResultRecord } from "../contracts/result_backend.ts";
import { TaskRevokedError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { decodeEnvelope } from "../message/envelope.ts";
import { encodeError } from "../message/error_codec.ts";
import { keptMessage, type ResultMeta } from "../message/result_meta.ts";
import { checkOptions, type Checks, isBoolean } from "../options.ts";
import { revocationText, REVOKED_TOPIC } from "./revocation.ts";

/** How to revoke. */
export interface RevokeOptions {
  /** End it by force if it runs. @default {false} */
  readonly terminate?: boolean | undefined;
}

const CHECKS: Checks<RevokeOptions> = { terminate: isBoolean };

/**
 * Refuses options that will not do.
 *
 * @throws {ConfigError} naming the option and what was wanted
 */
export function checkRevokeOptions(options: RevokeOptions): void {
  checkOptions("revoke()", options, CHECKS);
}

// An id that is not known yet stays revoked for so long (ms).
const REMEMBERED = 86_400_000;

/**
 * Revokes tasks, wherever they are.
 *
 * @returns what it met, in the order of the ids
 * @throws {ConfigError} for an option that will not do
 */
export async function revoke(
  app: Internals,
  ids: readonly string[],
  options: RevokeOptions,
): Promise<readonly CancelOutcome[]> {
  checkRevokeOptions(options);
  if (ids.length === 0) return [];
  // One that is named twice would be unknown the second time.
  const unique = [...new Set(ids)];
  const outcomes = await revokeEach(app, unique, options);
  const met = new Map(unique.map((id, at) => [id, outcomes[at]]));
  return ids.map((id) => met.get(id) ?? "unknown");
}

async function revokeEach(
  app: Internals,
  ids: readonly string[],
  { terminate = false }: RevokeOptions,
): Promise<readonly CancelOutcome[]> {
  const { broker, backend, atomic } = await app.stores.open();
  const now = app.clock().now();
  const live = await broker.inspector.find(ids);
  const known = await backend.results.fetch(ids);
  const records = ids.map((id, index) =>
    revokedRecord(app, id, live[index], now)
  );
  const outcomes = await broker.broker.cancel(ids.map((id, index) => ({
    id,
    terminate,
    result: atomic ? records[index] : undefined,
    // What has ended is not to come: its id may be used again.
    rememberUntil: known[index]?.ended === true ? now : now + REMEMBERED,
    keep: isWaitedFor(live[index]),
  })));
  if (!atomic) {
    await backend.results.store(
      records.filter((_, index) => outcomes[index] === "removed"),
    );
  }
  const elsewhere = ids.filter((_, index) =>
    outcomes[index] === "unknown" && known[index]?.ended !== true
  );
  if (outcomes.includes("running") || elsewhere.length > 0) {
    await broker.bus.broadcast(
      REVOKED_TOPIC,
      revocationText({ ids: elsewhere, headers: null, terminate }),
    );
  }
  return outcomes;
}

/** Whether the end of a task means something for others: a worker says so. */
function isWaitedFor(task: LiveTask | undefined): boolean {
  if (task === undefined) return false;
  try {
    const { chain, chord, linkError } = decodeEnvelope(task.body);
    return chain !== undefined || chord === true || linkError !== undefined;
  } catch {
    // A worker says what is wrong with it.
    return false;
  }
}

/** The record of a task that was revoked before it ran. */
function revokedRecord(
  app: Internals,
  id: string,
  live: LiveTask | undefined,
  now: number,
): ResultRecord {
  const { resultExpires: expires, taskDefaultQueue } = app.settings();
  const meta: ResultMeta = {
    times: { REVOKED: now },
    queue: live?.queue === taskDefaultQueue ? undefined : live?.queue,
    message: live === undefined ? undefined : keptMessage(live.body),
  };
  return {
    id,
    state: "REVOKED",
    ended: true,
    task: live?.task ?? "",
    worker: null,
    updatedAt: now,
    expiresAt: expires === null ? null : now + expires,
    value: null,
    error: encodeError(new TaskRevokedError(`Task ${id} was revoked`)),
    meta: JSON.stringify(meta),
  };
}
