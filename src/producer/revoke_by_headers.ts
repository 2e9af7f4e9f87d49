/**
 * Revoking by header: everything that waits or runs and was sent with it.
 *
 * @module
 */

import type { CancelOutcome } from "../contracts/broker.ts";
import type { LiveStatus } from "../contracts/inspector.ts";
import type { Store } from "../contracts/store.ts";
import { ConfigError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import { decodeEnvelope } from "../message/envelope.ts";
import { isObject, show } from "../options.ts";
import {
  hasHeaders,
  type HeaderFilter,
  revocationText,
  REVOKED_TOPIC,
} from "./revocation.ts";
import { checkRevokeOptions, revoke, type RevokeOptions } from "./revoke.ts";

/** A task that was met and revoked. */
export interface RevokedTask {
  /** Its id. */
  readonly id: string;
  /** Its name. */
  readonly task: string;
  /** The queue. */
  readonly queue: string;
  /** How it was met. */
  readonly outcome: CancelOutcome;
}

const PAGE = 500;
// In the order in which tasks move: what is taken meanwhile is met again.
const PLACES: readonly LiveStatus[] = ["scheduled", "queued", "running"];
// What moves back, as a retry does, is met by the next round.
const MOST_ROUNDS = 5;

/**
 * Revokes all tasks that wait or run and have these headers.
 *
 * @returns what it met, each once
 * @throws {ConfigError} for no headers, or an option that will not do
 */
export async function revokeByHeaders(
  app: Internals,
  headers: HeaderFilter,
  options: RevokeOptions,
): Promise<readonly RevokedTask[]> {
  checkHeaders(headers);
  checkRevokeOptions(options);
  const { broker } = await app.stores.open();
  const met = new Map<string, RevokedTask>();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const before = met.size;
    for (const status of PLACES) {
      for await (const page of pagesOf(broker, status)) {
        const found = page.filter(({ id, body }) =>
          !met.has(id) && matches(body, headers)
        );
        const outcomes = await revoke(app, found.map(({ id }) => id), options);
        for (const [index, { id, task, queue }] of found.entries()) {
          const outcome = outcomes[index] ?? "unknown";
          // It has ended just now, or is on its way: then it is met again.
          if (outcome !== "unknown") met.set(id, { id, task, queue, outcome });
        }
      }
    }
    if (met.size === before) break;
  }
  const { terminate = false } = options;
  // Those that were acknowledged before their run are with their workers only.
  await broker.bus.broadcast(
    REVOKED_TOPIC,
    revocationText({ ids: [], headers, terminate }),
  );
  return [...met.values()];
}

async function* pagesOf({ inspector }: Store, status: LiveStatus) {
  let cursor: string | undefined;
  do {
    const page = await inspector.tasks({ status }, { limit: PAGE, cursor });
    yield page.items;
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
}

function matches(body: string, headers: HeaderFilter): boolean {
  try {
    return hasHeaders(decodeEnvelope(body).headers ?? {}, headers);
  } catch {
    // A worker says what is wrong with it.
    return false;
  }
}

function checkHeaders(headers: HeaderFilter): void {
  if (isObject(headers) !== null || Object.keys(headers).length === 0) {
    throw new ConfigError(
      `Tasks are revoked by one header or more, such as { tenant: "acme" }, but what was given is ${
        show(headers)
      }`,
    );
  }
}
