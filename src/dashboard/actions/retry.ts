/**
 * Sends a task that has ended once more.
 *
 * @module
 */

import type { Internals } from "../../internals.ts";
import { decodeMeta } from "../../message/result_meta.ts";
import type { ActionResult } from "./action.ts";

/** Sends it under its id, with no retries counted. */
export async function retryTask(
  app: Internals,
  id: string,
): Promise<ActionResult> {
  const { broker, backend } = await app.stores.open();
  const [live] = await broker.inspector.find([id]);
  if (live !== undefined) {
    return {
      ok: false,
      text: `Task ${id} has not ended: it is ${live.status}`,
    };
  }
  const [record] = await backend.results.fetch([id]);
  if (record === undefined) {
    return { ok: false, text: `There is no record of task ${id}` };
  }
  void decodeMeta(record.meta);
  return { ok: false, text: `The message of task ${id} was not kept` };
}
