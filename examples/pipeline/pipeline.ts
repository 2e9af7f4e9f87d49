/**
 * The pipeline: parse, score, notify.
 *
 * @module
 */

import {
  type AnySignature,
  type AsyncResult,
  type Chain,
  chain,
  group,
} from "@lovage/lovage";
import { alert, app, notify, parse, score } from "./tasks.ts";

/**
 * How many tasks score side by side. A canvas is written before it runs, when
 * nobody knows yet how many rows there are: so they are dealt out, as cards.
 */
const SHARES = 3;

/**
 * Writes the pipeline down; nothing is sent.
 *
 * @param run the name of this run
 * @param table a row on each line: name, orders, spent
 * @param to whom to tell
 * @returns a chain that makes the text of the mail
 */
export function pipeline(
  run: string,
  table: string,
  to: string,
): Chain<[], string, AsyncResult<string>> {
  const failed = alertOf(run);
  const shares = Array.from(
    { length: SHARES },
    (_, share) => score.s(share, SHARES),
  );
  // Where a share fails, notify does, once for all of them: it has the
  // errback, and the shares have none.
  return chain(
    parse.s(table).linkError(failed),
    group(shares),
    notify.s(to).linkError(failed),
  );
}

/** The id of the alert of a run: it is sent at most once. */
export function alertId(run: string): string {
  return `${run}-alert`;
}

function alertOf(run: string): AnySignature {
  return app.signature(alert.name).set({ taskId: alertId(run) });
}
