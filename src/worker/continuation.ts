/**
 * What a canvas has in store after a task: the next of its chain, and the end
 * of a member of a group.
 *
 * @module
 */

import { COLLECT } from "../canvas/collect.ts";
import { freeze, lastId } from "../canvas/freeze.ts";
import { refuseIgnored } from "../canvas/refuse_ignored.ts";
import { refuseUnique } from "../canvas/refuse_unique.ts";
import { messagesOf, unfold, type UnfoldContext } from "../canvas/unfold.ts";
import type { Message, Settlement } from "../contracts/broker.ts";
import { UpstreamFailedError } from "../errors.ts";
import type { Internals } from "../internals.ts";
import {
  type CanvasJson,
  type ChordJson,
  isChord,
  isGroup,
  stepsOf,
} from "../message/canvas_json.ts";
import type { Envelope } from "../message/envelope.ts";
import { decodeError, encodeError } from "../message/error_codec.ts";
import type { SignatureJson } from "../message/signature_json.ts";

/** What follows from the end of a task. */
export interface Next extends Pick<Settlement, "publish" | "groups" | "ends"> {
  /** The ids of what a member has added to its chord. */
  readonly added?: readonly string[] | undefined;
}

/**
 * What follows when a task has returned.
 *
 * @param values its result, in a list
 * @param linked the messages of its callbacks
 */
export function afterSuccess(
  app: Internals,
  envelope: Envelope,
  values: readonly unknown[],
  linked: readonly Message[],
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
  const { publish, groups } = messagesOf(app, unfolded);
  return { publish, ...(groups.length === 0 ? {} : { groups }) };
}

/** A canvas that ends in one task, with the callbacks of another. */
function endingAs(
  canvas: CanvasJson,
  callbacks: Pick<Envelope, "link" | "linkError">,
): CanvasJson {
  const { link, linkError } = callbacks;
  const steps = stepsOf(canvas);
  const last = steps.at(-1);
  if (last === undefined || isGroup(last)) {
    const list = { task: COLLECT, args: [], options: {} };
    return endingAs({ chain: [...steps, list] }, callbacks);
  }
  if (isChord(last)) {
    const body = endingAs(last.body, callbacks);
    return { chain: [...steps.slice(0, -1), { ...last, body }] };
  }
  const { taskId: _, ...options } = (last as SignatureJson).options;
  const both = (name: "link" | "linkError", more: Envelope["link"] = []) => {
    const all = [...options[name] as SignatureJson[] ?? [], ...more];
    return all.length === 0 ? {} : { [name]: all };
  };
  const ending = {
    ...last as SignatureJson,
    options: {
      ...options,
      ...both("link", link),
      ...both("linkError", linkError),
    },
  };
  return { chain: [...steps.slice(0, -1), ending] };
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
  linked: readonly Message[],
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
    publish: [...linked, ...publish],
    groups,
    added: frozen.chord.map(lastId),
  };
}

/** The failure of a task. */
export interface Failure {
  /** Its error, encoded. */
  readonly error: string;
  /** The queue that it came from, whose workers are there. */
  readonly queue: string;
  /** The messages of its callbacks. */
  readonly callbacks: readonly Message[];
}

/** What follows when a task has failed: the same tasks, which fail as well. */
export function afterFailure(
  app: Internals,
  envelope: Envelope,
  { error, queue, callbacks }: Failure,
): Next {
  // Of a whole line that fails, the first error is the one to know.
  const given = envelope.outcome;
  const isFirst = given === undefined || !("error" in given) ||
    given.isOwn === true;
  const outcome = envelope.task === COLLECT && isFirst
    // It stands for what takes the list.
    ? { error, isOwn: true }
    : isFirst
    ? { error: encodeError(upstreamFailed(envelope, error)) }
    : given;
  const context = { parent: envelope, values: [], outcome };
  const { publish = [], ...rest } = next(app, envelope, context, true, []);
  // They need no worker that knows their tasks, but one that is there now.
  const failed = publish.map((each) => ({ ...each, queue, eta: null }));
  return { ...rest, publish: [...callbacks, ...failed] };
}

function next(
  app: Internals,
  envelope: Envelope,
  context: UnfoldContext,
  failed: boolean,
  also: readonly Message[],
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
      publish: [...also, ...publish],
      ...(groups.length === 0 ? {} : { groups }),
    };
  }
  if (chord !== true || group === undefined) return { publish: also };
  return {
    publish: also,
    ends: [{ group, index: groupIndex ?? 0, failed }],
  };
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
