/**
 * Whether the stores answer: what is asked of them costs next to nothing.
 *
 * @module
 */

import { maskUrl } from "../printable.ts";
import { StoreError } from "../errors.ts";
import { pause } from "../service/clock.ts";
import type { DashboardContext } from "./context.ts";

/** An id that no task has. */
const NOBODY = ["healthcheck"];
/** So long (ms) is waited before the stores are asked whether they are there. */
const PATIENCE = 1_500;
/** So long (ms) may they take to say so. */
const ANSWER_WITHIN = 1_000;

/** Resolves when both stores have answered. */
export async function askStores(
  { stores }: Pick<DashboardContext, "stores">,
): Promise<void> {
  const { broker, backend } = await stores();
  await broker.inspector.find(NOBODY);
  await backend.results.fetch(NOBODY);
}

/** The addresses of the stores, for people. */
export function addressesOf(
  { internals }: Pick<DashboardContext, "internals">,
): { readonly broker: string; readonly backend: string } {
  const { opened } = internals.stores;
  const { brokerUrl, resultBackend, store } = internals.settings();
  return {
    broker: opened?.broker.address ?? store?.address ?? maskUrl(brokerUrl),
    backend: opened?.backend.address ?? store?.address ??
      maskUrl(resultBackend),
  };
}

/**
 * Waits for something to be done, for as long as the stores answer. A driver
 * goes on trying for a while where they do not.
 *
 * @throws {StoreError} saying which store does not answer
 */
export async function whileAnswered<T>(
  context: DashboardContext,
  done: Promise<T>,
): Promise<T> {
  const over = new AbortController();
  // Who has not waited for it, is not told that it failed.
  done.catch(() => {});
  const away = untilAway(context, over.signal);
  away.catch(() => {});
  try {
    return await Promise.race([done, away]);
  } finally {
    over.abort();
  }
}

/** Rejects when the stores do not answer any more; ends when it is over. */
async function untilAway(
  context: DashboardContext,
  over: AbortSignal,
): Promise<never> {
  const clock = context.internals.clock();
  while (true) {
    await pause(clock, PATIENCE, over);
    over.throwIfAborted();
    const asked = askStores(context).then(() => true);
    asked.catch(() => {});
    const late = pause(clock, ANSWER_WITHIN, over).then(() => false);
    const isThere = await Promise.race([asked, late]);
    over.throwIfAborted();
    if (!isThere) {
      throw context.trouble.late(context.now(), notAnswering(context));
    }
  }
}

function notAnswering(context: DashboardContext): StoreError {
  const { broker, backend } = addressesOf(context);
  const who = broker === backend
    ? `The store ${broker} does`
    : `The stores ${broker} and ${backend}, or one of them, do`;
  return new StoreError(
    `${who} not answer: see whether the server runs and is not overloaded, ` +
      "and whether the network lets this machine through",
  );
}
