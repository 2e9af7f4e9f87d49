/**
 * What a task is linked to: callbacks for its result, and for its error.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { messagesOf, unfold } from "../canvas/unfold.ts";
import type { Message } from "../contracts/broker.ts";
import type { GroupPlan } from "../contracts/groups.ts";
import type { Internals } from "../internals.ts";
import type { CanvasJson } from "../message/canvas_json.ts";
import { decodeEnvelope, type Envelope } from "../message/envelope.ts";
import type { Held } from "./in_flight.ts";

const log = getLogger(["lovage", "worker"]);

/** What callbacks begin with. */
export interface Callbacks {
  /** The messages of those that are sent now. */
  readonly publish: readonly Message[];
  /** The groups that begin with them. */
  readonly groups: readonly GroupPlan[];
}

/** No callbacks. */
export const NO_CALLBACKS: Callbacks = { publish: [], groups: [] };

/**
 * The callbacks for a result.
 *
 * @param values the result, in a list
 * @throws {ConfigError} for what cannot be sent
 */
export function callbacks(
  app: Internals,
  envelope: Envelope,
  values: readonly unknown[],
): Callbacks {
  return linked(app, envelope, envelope.link, values);
}

/** The callbacks for an error; those that cannot be sent are logged. */
export function errorCallbacks(
  app: Internals,
  { envelope, delivery }: Held,
  error: string,
): Callbacks {
  const { id, task, retries, linkError } = envelope;
  if (linkError === undefined) return NO_CALLBACKS;
  try {
    // Read anew: the task may have changed those that it was given.
    const { args } = decodeEnvelope(delivery.body);
    const values = [{ id, task, args, retries }, JSON.parse(error)];
    return linked(app, envelope, linkError, values);
  } catch (failure) {
    log.error("The error callbacks of task {id} cannot be sent: {failure}", {
      id,
      failure: String(failure),
    });
    return NO_CALLBACKS;
  }
}

function linked(
  app: Internals,
  parent: Envelope,
  canvases: readonly CanvasJson[] | undefined,
  values: readonly unknown[],
): Callbacks {
  if (canvases === undefined || canvases.length === 0) return NO_CALLBACKS;
  const all = canvases.map((each) =>
    messagesOf(app, unfold(app, each, { parent, values }))
  );
  return {
    publish: all.flatMap(({ publish }) => publish),
    groups: all.flatMap(({ groups }) => groups),
  };
}
