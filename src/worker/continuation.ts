/**
 * What a canvas has in store after a task: the next of its chain, and the end
 * of a member of a group.
 *
 * @module
 */

import { COLLECT } from "../canvas/collect.ts";
import { endingAs } from "../canvas/ending_as.ts";
import { freeze, lastId } from "../canvas/freeze.ts";
import { refuseIgnored } from "../canvas/refuse_ignored.ts";
import { refuseUnique } from "../canvas/refuse_unique.ts";
import { messagesOf, unfold, type UnfoldContext } from "../canvas/unfold.ts";
import type { Settlement } from "../contracts/broker.ts";
import { UpstreamFailedError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import {
  type CanvasJson,
  checkCanvasJson,
  type ChordJson,
} from "../message/canvas_json.ts";
import type { Envelope, GivenOutcome } from "../message/envelope.ts";
import { decodeError, encodeError } from "../message/error_codec.ts";
import { decodeCall } from "../message/json_codec.ts";
import { type Callbacks, NO_CALLBACKS } from "./callbacks.ts";
import { failDownstream } from "./downstream.ts";

/** What follows from the end of a task. */
export interface Next extends Pick<Settlement, "publish" | "groups" | "ends"> {
  /** The ids of what a member has added to its chord. */
  readonly added?: readonly string[] | undefined;
  /** Later steps that have failed with it, and need not be published. */
  readonly failed?: readonly Envelope[] | undefined;
}

/**
 * What follows when a task has returned.
 *
 * @param values its result, in a list
 * @param linked its callbacks
 */
export function afterSuccess(
  app: Internals,
  envelope: Envelope,
  values: readonly unknown[],
  linked: Callbacks,
): Next {
  return next(app, envelope, { parent: envelope, values }, false, linked);
}

/**
 * A canvas in the place of a task: what ends last in it has the id of the
 * task, and whatever follows from the task follows from it.
 *
 * @throws {ConfigError} when a member of a chord's header ignores its result
 */
export function inPlaceOf(
  app: Internals,
  envelope: Envelope,
  canvas: CanvasJson,
): Next {
  const { id, rootId, parentId = rootId, priority } = envelope;
  const { chain, later, group, groupIndex, chord } = envelope;
  const frozen = freeze(endingAs(canvas, envelope), id);
  refuseIgnored(app, frozen);
  refuseUnique(app, frozen);
  const parent = { id: parentId, rootId, priority };
  const unfolded = unfold(app, frozen, { parent, values: [] }, {
    ...{ chain, later, group, groupIndex, chord },
  });
  return messagesOf(app, unfolded);
}

/**
 * The canvas that a task is to send, where it could not be sent at the call.
 *
 * @throws {ConfigError} when it cannot be sent
 */
export function launched(app: Internals, envelope: Envelope): Next {
  const [canvas, values] = decodeCall(envelope).args as [
    CanvasJson,
    readonly unknown[],
  ];
  checkCanvasJson(canvas);
  const unfolded = unfold(app, canvas, { parent: envelope, values });
  return messagesOf(app, unfolded);
}

/**
 * What a member of a header has added to it: a group of its own, whose end is
 * that of the member.
 *
 * @throws {ConfigError} when one of them ignores its result
 */
export function afterAdding(
  app: Internals,
  envelope: Envelope,
  canvases: readonly CanvasJson[],
  linked: Callbacks,
): Next {
  const body = { task: COLLECT, args: [], options: {} };
  const frozen = freeze({ chord: canvases, body }) as ChordJson;
  refuseIgnored(app, frozen);
  refuseUnique(app, frozen);
  const { group, groupIndex, chord } = envelope;
  const unfolded = unfold(app, frozen, { parent: envelope, values: [] }, {
    ...{ group, groupIndex, chord },
  });
  const { publish, groups } = messagesOf(app, unfolded);
  return {
    publish: [...linked.publish, ...publish],
    groups: [...linked.groups, ...groups],
    added: frozen.chord.map(lastId),
  };
}

/** The failure of a task. */
export interface Failure {
  /** Its error, encoded. */
  readonly error: string;
  /** The queue that it came from, whose workers are there. */
  readonly queue: string;
  /** Its callbacks. */
  readonly linked: Callbacks;
}

/** What follows when a task has failed: the same tasks, which fail as well. */
export function afterFailure(
  app: Internals,
  envelope: Envelope,
  { error, queue, linked }: Failure,
): Next {
  const outcome = outcomeAfter(envelope, error);
  const context = { parent: envelope, values: [], outcome };
  const { publish = [], ...rest } = outcome === envelope.outcome
    ? downstream(app, envelope, context)
    : next(app, envelope, context, true);
  // They need no worker that knows their tasks, but one that is there now.
  const failed = publish.map((each) => ({ ...each, queue, eta: null }));
  return {
    ...rest,
    publish: [...linked.publish, ...failed],
    groups: [...linked.groups, ...rest.groups ?? []],
  };
}

/** What ends the tasks after one that has failed. */
function outcomeAfter(envelope: Envelope, error: string): GivenOutcome {
  // Of a whole line that fails, the first error is the one to know.
  const given = envelope.outcome;
  const isFirst = given === undefined || !("error" in given) ||
    given.isOwn === true;
  if (!isFirst) return given;
  return envelope.task === COLLECT
    // It stands for what takes the list.
    ? { error, isOwn: true }
    : { error: encodeError(upstreamFailed(envelope, error)) };
}

/** Later steps fail together: what is decided need not be told one by one. */
function downstream(
  app: Internals,
  envelope: Envelope,
  context: UnfoldContext,
): Next {
  const failed = failDownstream(app, envelope, context);
  const last = failed.at(-1) ?? envelope;
  try {
    return { ...next(app, last, { ...context, parent: last }, true), failed };
  } catch (error) {
    if (last === envelope) throw error;
    // Whoever reads its message says what is wrong with the step after it.
    const publish = [app.producer.message(last)];
    return { publish, failed: failed.slice(0, -1) };
  }
}

function next(
  app: Internals,
  envelope: Envelope,
  context: UnfoldContext,
  failed: boolean,
  linked: Callbacks = NO_CALLBACKS,
): Next {
  const { chain = [], later, group, groupIndex, chord } = envelope;
  const [first, ...rest] = chain;
  if (first !== undefined) {
    const then = { chain: rest, later, group, groupIndex, chord };
    const { publish, groups } = messagesOf(
      app,
      unfold(app, first, context, then),
    );
    return {
      publish: [...linked.publish, ...publish],
      groups: [...linked.groups, ...groups],
    };
  }
  if (chord !== true || group === undefined) return linked;
  return { ...linked, ends: [{ group, index: groupIndex ?? 0, failed }] };
}

function upstreamFailed(
  { id, task }: Envelope,
  error: string,
): UpstreamFailedError {
  const { name, message } = decodeError(error);
  return new UpstreamFailedError(
    `Task "${task}" (${id}), whose result was to be taken, has failed: ${name}: ${message}`,
  );
}
