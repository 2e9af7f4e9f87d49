/**
 * Asks workers about a task.
 *
 * @module
 */

import type { Internals } from "../../internals.ts";
import type { RequestInfo, Stage } from "../facts.ts";
import { Remote } from "../remote.ts";
import type { Asked } from "./facts.ts";

const STAGES: readonly Stage[] = ["active", "reserved", "scheduled"];

/** Who of these workers has a task, and how far it has come there. */
export async function askWorkers(
  app: Internals,
  id: string,
  destination: readonly string[],
): Promise<Asked> {
  const question = { command: "queryTask", args: { ids: [id] } };
  const { replies, missing } = await new Remote(app)
    .ask<unknown>(question, { destination, timeout: "1s" });
  for (const [worker, reply] of Object.entries(replies)) {
    const found = entryOf(reply, id);
    if (found !== null) {
      return { silent: missing, holder: { worker, ...found } };
    }
  }
  return { silent: missing, holder: null };
}

// Any process may answer on the bus: it is read with care.
function entryOf(
  reply: unknown,
  id: string,
): { stage: Stage; info: Partial<RequestInfo> } | null {
  if (typeof reply !== "object" || reply === null) return null;
  const entry: unknown = (reply as Record<string, unknown>)[id];
  if (!Array.isArray(entry)) return null;
  const stage = STAGES.find((each) => each === entry[0]);
  if (stage === undefined) return null;
  const info: unknown = entry[1];
  return {
    stage,
    info: typeof info === "object" && info !== null ? info : {},
  };
}
